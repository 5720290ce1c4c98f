# A version on a service of Amazon ECS: rolled out, checked, and put back when
# it is not well. `cargo xtask demo` applies it to a local AWS.

terraform {
  required_version = ">= 1.8"

  required_providers {
    pipeline = {
      source = "pipeline/pipeline"
    }
  }
}

provider "pipeline" {
  repository = var.repository

  aws = {
    region       = var.region
    endpoint_url = var.aws_endpoint
  }
}

# The environment is registered by another configuration; its rules hold here.
resource "pipeline_deployment" "web" {
  environment     = "staging"
  version         = var.web
  allow_downgrade = var.allow_downgrade
  redeploy_after  = var.redeploy_after
  wait_timeout    = "15m"

  ecs = {
    cluster   = "demo"
    service   = "web"
    container = "app"
    image     = "example/web:${trimprefix(provider::pipeline::parse_version(var.web).semver, "v")}"
    timeout   = "10m"
  }

  health_check = var.health_url == null ? null : {
    url      = var.health_url
    interval = "500ms"
    timeout  = "3s"
  }
}
