# One service in several environments: which version each of them runs.
#
# The tag of each environment moves and the deployment is on record; nothing else is deployed. For a service of
# Amazon ECS or commands of your own, take the module `service`, for all services of a repository `monorepo`. The
# environments are registered elsewhere, by whoever owns them.

terraform {
  required_version = ">= 1.8"

  required_providers {
    pipeline = {
      source = "pipeline/pipeline"
    }
  }
}

resource "pipeline_deployment" "this" {
  for_each = var.versions

  environment     = each.key
  version         = var.service == "" ? each.value : "${var.service}/${each.value}"
  allow_downgrade = contains(var.rollback, each.key)
  approval        = lookup(var.approvals, each.key, null)
  health_check    = lookup(var.health_checks, each.key, null)
}
