# What was deployed to staging last, by sub-project.
list "pipeline_deployment" "staging" {
  provider         = pipeline
  include_resource = true

  config {
    environment = "staging"
  }
}
