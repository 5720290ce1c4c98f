# The newest stable 1.x of the API.
data "pipeline_version" "api" {
  sub_project_path = "api"
  constraint       = "~> 1.0"
  state            = "stable"
}

output "tag" {
  value = data.pipeline_version.api.tag_name
}
