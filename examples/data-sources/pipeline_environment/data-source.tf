# Registered by another configuration, perhaps another team's.
data "pipeline_environment" "production" {
  name = "production"
}

output "runs_in_production" {
  value = data.pipeline_environment.production.deployed
}
