# Releases of one service: versions are cut, marked and promoted.
#
# A version tag is made once, at what its ref means then, and never moves. Taking a version out of the
# map forgets it here; its tag stays in git. To promote is to name another version for an environment.

terraform {
  required_version = ">= 1.8"

  required_providers {
    pipeline = {
      source = "pipeline/pipeline"
    }
  }
}

locals {
  prefix = var.path == "" ? "" : "${var.path}/"

  marks = merge([
    for state, versions in { stable = var.stable, unstable = var.unstable, deprecated = var.deprecated } :
    { for version in versions : "${version}-${state}" => version }
  ]...)

  # Versions that this apply cuts are known by their resources, so that they are made first.
  tags    = { for version, tag in pipeline_version_tag.version : version => tag.tag_name }
  commits = { for version, tag in pipeline_version_tag.version : version => tag.commit_sha }
}

resource "pipeline_version_tag" "version" {
  for_each = var.versions

  tag_name = "${local.prefix}${each.key}"
  ref      = each.value
  message  = lookup(var.notes, each.key, null)
}

# A mark stands on the commit of its version.
resource "pipeline_version_tag" "mark" {
  for_each = local.marks

  tag_name = "${local.prefix}${each.key}"
  ref      = lookup(local.commits, each.value, "${local.prefix}${each.value}")
}

resource "pipeline_deployment" "promotion" {
  for_each = var.promote

  environment     = each.key
  version         = lookup(local.tags, each.value, "${local.prefix}${each.value}")
  allow_downgrade = contains(var.rollback, each.key)
  approvals       = lookup(var.approvals, each.key, null)
}
