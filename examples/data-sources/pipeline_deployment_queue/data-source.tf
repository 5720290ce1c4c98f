data "pipeline_deployment_queue" "production" {
  environment = "production"
}

output "busy" {
  value = data.pipeline_deployment_queue.production.current_deployment != null
}
