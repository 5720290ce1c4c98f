# Releases of several projects in one repository, two environments, and what
# runs in each. `cargo xtask demo` sets up a repository for it.

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
}

# Each release is an annotated tag, made once and never moved.
resource "pipeline_version_tag" "release" {
  for_each = var.releases

  tag_name = each.key
  ref      = each.value
}

# The environments: their folders and encrypted secrets are in the repository.
resource "pipeline_environment" "staging" {
  name = "staging"
}

resource "pipeline_environment" "production" {
  name              = "production"
  is_production     = true
  requires_approval = true

  regions = [{
    name           = "eu-west"
    cloud_mappings = { aws = "eu-west-1" }
  }]
}

# What runs where. Another version is a new deployment; a failed one leaves
# the environment as it was.
resource "pipeline_deployment" "staging" {
  environment     = pipeline_environment.staging.name
  version         = var.staging
  workflow_run_id = var.workflow_run_id

  health_check = var.health_url == null ? null : {
    url      = var.health_url
    interval = "500ms"
    timeout  = "3s"
  }

  depends_on = [pipeline_version_tag.release]
}

resource "pipeline_deployment" "production" {
  environment     = pipeline_environment.production.name
  region          = "eu-west"
  version         = var.production
  workflow_run_id = var.workflow_run_id
  approval        = var.approval

  depends_on = [pipeline_deployment.staging]
}
