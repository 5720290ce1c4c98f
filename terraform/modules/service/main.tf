# One service in one environment: a version, what brings it into service, and how its health is seen.
#
# Services go out on Amazon ECS or by commands of your own; with neither, the tag of the environment
# moves and the deployment is on record. Another version is another deployment, in place.
#
# The environment is registered elsewhere, as by the module `environment`. Where this service is all
# that runs there, `policy` registers it here.

terraform {
  required_version = ">= 1.8"

  required_providers {
    pipeline = {
      source = "pipeline/pipeline"
    }
  }
}

locals {
  tag_name = var.path == "" ? var.release : "${var.path}/${var.release}"

  # None where there is no `ecs`. `{version}` is `v1.4.0`, `{number}` is `1.4.0`.
  ecs = one([
    for ecs in var.ecs[*] : {
      cluster       = ecs.cluster
      service       = ecs.service
      container     = ecs.container
      image         = replace(replace(ecs.image, "{version}", var.release), "{number}", trimprefix(var.release, "v"))
      environment   = ecs.environment
      secrets       = ecs.secrets
      timeout       = ecs.timeout
      poll_interval = ecs.poll_interval
    }
  ])
}

module "environment" {
  source = "../environment"
  count  = var.policy == null ? 0 : 1

  name                    = var.environment
  is_production           = try(var.policy.is_production, null)
  approvals               = try(var.policy.approvals, null)
  approvers               = try(var.policy.approvers, null)
  approvals_valid_for     = try(var.policy.approvals_valid_for, null)
  approvals_allow_trigger = try(var.policy.approvals_allow_trigger, null)
  allowed_signers         = try(var.policy.allowed_signers, null)
  freezes                 = try(var.policy.freezes, null)
  freeze_windows          = try(var.policy.freeze_windows, null)
  timezone                = try(var.policy.timezone, null)
  after                   = try(var.policy.after, null)
  after_match             = try(var.policy.after_match, null)
  after_condition         = try(var.policy.after_condition, null)
  soak                    = try(var.policy.soak, null)
  concurrency             = try(var.policy.concurrency, null)
  supersede_queued        = try(var.policy.supersede_queued, null)
  regions                 = try(var.policy.regions, null)
  account                 = try(var.policy.account, null)
  aws_region              = try(var.policy.aws_region, null)
  config_path             = try(var.policy.config_path, null)
  secrets_file            = try(var.policy.secrets_file, null)
  tags                    = try(var.policy.tags, null)
}

resource "pipeline_deployment" "this" {
  environment = var.policy == null ? var.environment : module.environment[0].name
  region      = var.region
  version     = local.tag_name

  allow_downgrade = var.allow_downgrade
  redeploy_after  = var.redeploy_after
  reason          = var.reason
  approvals       = length(var.approvals) == 0 ? null : var.approvals

  on_busy      = var.on_busy
  wait_timeout = var.wait_timeout
  wait_for     = length(var.wait_for) == 0 ? null : var.wait_for

  migrations = length(var.migrations) == 0 ? null : var.migrations
  ecs        = local.ecs
  command    = var.command

  health_check     = var.health_check
  tests            = var.tests
  pass_environment = length(var.pass_environment) == 0 ? null : var.pass_environment
}
