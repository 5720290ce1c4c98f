# An environment and its policy: who approves, when nothing begins, what comes before, and for how long.
#
# It is registered in git, where it binds every configuration that deploys there. What is left out asks for nothing. A
# change of a variable is a change of the registration, in place. All variables are flat, so that a misspelt one is an error.

terraform {
  required_version = ">= 1.8"

  required_providers {
    pipeline = {
      source = "pipeline/pipeline"
    }
  }
}

locals {
  # Approvals are asked for by any of these. Without them the provider decides by `is_production`.
  has_approval_policy = anytrue([
    var.approvals != null && var.approvals != 0,
    length(var.approvers) > 0,
    var.approvals_valid_for != null,
    var.approvals_allow_trigger != null,
    length(var.allowed_signers) > 0,
  ])
}

resource "pipeline_environment" "this" {
  name          = var.name
  is_production = var.is_production

  config_path  = var.config_path
  secrets_file = var.secrets_file
  account      = var.account
  aws_region   = var.aws_region
  regions      = length(var.regions) == 0 ? null : var.regions
  tags         = length(var.tags) == 0 ? null : var.tags

  requires_approval = var.approvals == null ? null : var.approvals > 0
  approval_policy = !local.has_approval_policy ? null : {
    required        = var.approvals
    approvers       = length(var.approvers) == 0 ? null : var.approvers
    valid_for       = var.approvals_valid_for
    allow_trigger   = var.approvals_allow_trigger
    signatures      = length(var.allowed_signers) == 0 ? null : "required"
    allowed_signers = length(var.allowed_signers) == 0 ? null : var.allowed_signers
  }

  freezes = length(var.freezes) == 0 ? null : [
    for name, freeze in var.freezes : {
      name     = name
      from     = freeze.from
      to       = freeze.to
      timezone = var.timezone
    }
  ]
  freeze_windows = length(var.freeze_windows) == 0 ? null : [
    for name, window in var.freeze_windows : {
      name     = name
      days     = window.days
      from     = window.from
      to       = window.to
      timezone = var.timezone
    }
  ]

  after = length(var.after) == 0 ? null : {
    environments = var.after
    match        = var.after_match
    condition    = var.after_condition
  }
  soak = var.soak

  concurrency      = var.concurrency
  supersede_queued = var.supersede_queued
}
