data "pipeline_config" "orders" {
  path = "${path.root}/aphex-config.yaml"

  template = {
    name            = "orders"
    namespace       = "pipelines"
    artifact_bucket = "orders-artifacts"
    service_account = "orders-deployer"
    builder_image   = "ghcr.io/example/builder:1.4.0"
    deployer_image  = "ghcr.io/example/deployer:2.0.1"
    repository      = "example/orders"
  }
}

output "workflow" {
  value = data.pipeline_config.orders.workflow_template
}
