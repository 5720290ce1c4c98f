data "pipeline_infrastructure_resources" "production" {
  environment = "production"
  cloud       = "azure"
}

output "resources" {
  value = { for it in data.pipeline_infrastructure_resources.production.resources : it.id => it.status }
}
