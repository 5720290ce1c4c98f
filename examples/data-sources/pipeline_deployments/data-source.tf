data "pipeline_deployments" "api" {
  environment      = "production"
  sub_project_path = "api"
  limit            = 5
}

output "last_known_good" {
  value = data.pipeline_deployments.api.last_known_good
}
