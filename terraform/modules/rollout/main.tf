# Rolls versions of one service out to its environments: one deployment for each, in the words of a
# platform team. The environments are registered elsewhere, by whoever owns them.

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
