# The packages of a bucket.
list "pipeline_artifact" "packages" {
  provider         = pipeline
  include_resource = true

  config {
    bucket        = "acme-artifacts"
    artifact_type = "package"
  }
}
