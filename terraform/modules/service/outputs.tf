output "version" {
  description = "Version in service, with the path of the service, such as `api/v1.4.0`."
  value       = pipeline_deployment.this.version
}

output "previous_version" {
  description = "Version that ran before; null where none did."
  value       = pipeline_deployment.this.previous_version
}

output "commit_sha" {
  description = "Commit of the version."
  value       = pipeline_deployment.this.commit_sha
}

output "deployment_id" {
  description = "ID of the deployment that brought it into service."
  value       = pipeline_deployment.this.deployment_id
}

output "task_definition" {
  description = "Revision of the ECS task definition that was rolled out; null without `ecs`."
  value       = pipeline_deployment.this.task_definition
}
