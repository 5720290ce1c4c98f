# A version tag: made once, never moved.
resource "pipeline_version_tag" "release" {
  tag_name = "api/v1.4.0"
  ref      = "main"
  message  = "API 1.4.0: faster search"
}

# A state tag: says of a released version that it is stable.
resource "pipeline_version_tag" "stable" {
  tag_name = "${pipeline_version_tag.release.tag_name}-stable"
  ref      = pipeline_version_tag.release.commit_sha
}

# An environment tag: follows its ref.
resource "pipeline_version_tag" "staging" {
  tag_name = "api/staging"
  ref      = pipeline_version_tag.release.commit_sha
}
