# All versions of one sub-project from 1.0 on, written as import blocks and resources by
# `terraform query -generate-config-out=adopted.tf`.
list "pipeline_version_tag" "api" {
  provider = pipeline
  limit    = 1000

  config {
    sub_project_path = "api"
    tag_type         = "version"
    constraint       = ">= 1.0"
  }
}

# Every tag of an environment, whatever the sub-project.
list "pipeline_version_tag" "production" {
  provider = pipeline

  config {
    environment = "production"
  }
}
