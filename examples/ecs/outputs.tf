# What is on record, and where one could go back to.
data "pipeline_deployments" "staging" {
  environment      = "staging"
  sub_project_path = "web"

  depends_on = [pipeline_deployment.web]
}

data "pipeline_rollback_target" "staging" {
  environment      = "staging"
  sub_project_path = "web"

  depends_on = [pipeline_deployment.web]
}

output "history" {
  description = "Deployments of the web project to staging, newest first."
  value = [
    for it in data.pipeline_deployments.staging.deployments :
    "${it.started_at}  ${it.version}  ${it.status}"
  ]
}

output "last_known_good" {
  description = "Version that was deployed with success last."
  value       = try(data.pipeline_deployments.staging.last_known_good.version, null)
}

output "rollback_target" {
  description = "Version to go back to, where there is one."
  value       = data.pipeline_rollback_target.staging.target_version
}
