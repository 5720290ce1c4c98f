# All services of a repository in all environments, from one map: which version of which service runs where.
#
# How they are deployed is said once, for all of them: in `ecs`, `command` and `health_check`, `{service}` stands
# for the path of the service, `{name}` for its last part, `{environment}` for the environment, `{version}` for the
# version, and `{number}` for the version without its `v`. Services that are deployed in another way are another
# call of this module.
#
# To release is to change a version, to promote is to change it in the next environment, to go back is to
# change it and to name the place in `rollback`. One apply brings a version one environment further: where
# an environment comes `after` another one, the version has to be there already.

terraform {
  required_version = ">= 1.8"

  required_providers {
    pipeline = {
      source = "pipeline/pipeline"
    }
  }
}

locals {
  places = merge([
    for service, versions in var.services : {
      for environment, version in versions : "${service}/${environment}" => {
        service     = service
        environment = environment
        version     = version
      }
    }
  ]...)

  conventions = jsonencode({ ecs = var.ecs, command = var.command, health_check = var.health_check })

  # The conventions in the words of each place. Nothing that is filled in needs escaping in JSON.
  deployed = {
    for key, place in local.places : key => jsondecode(replace(replace(replace(replace(replace(
      local.conventions,
      "{service}", place.service),
      "{name}", basename(place.service)),
      "{environment}", place.environment),
      "{version}", place.version),
      "{number}", trimprefix(place.version, "v"),
    ))
  }
}

module "environment" {
  source   = "../environment"
  for_each = var.environments

  name                    = each.key
  is_production           = try(each.value.is_production, null)
  approvals               = try(each.value.approvals, null)
  approvers               = try(each.value.approvers, null)
  approvals_valid_for     = try(each.value.approvals_valid_for, null)
  approvals_allow_trigger = try(each.value.approvals_allow_trigger, null)
  allowed_signers         = try(each.value.allowed_signers, null)
  freezes                 = try(each.value.freezes, null)
  freeze_windows          = try(each.value.freeze_windows, null)
  timezone                = try(each.value.timezone, null)
  after                   = try(each.value.after, null)
  after_match             = try(each.value.after_match, null)
  after_condition         = try(each.value.after_condition, null)
  soak                    = try(each.value.soak, null)
  concurrency             = try(each.value.concurrency, null)
  supersede_queued        = try(each.value.supersede_queued, null)
  regions                 = try(each.value.regions, null)
  account                 = try(each.value.account, null)
  aws_region              = try(each.value.aws_region, null)
  config_path             = try(each.value.config_path, null)
  secrets_file            = try(each.value.secrets_file, null)
  tags                    = try(each.value.tags, null)
}

module "service" {
  source     = "../service"
  for_each   = local.places
  depends_on = [module.environment]

  environment  = each.value.environment
  path         = each.value.service
  release      = each.value.version
  ecs          = local.deployed[each.key].ecs
  command      = local.deployed[each.key].command
  health_check = local.deployed[each.key].health_check

  approvals       = lookup(var.approvals, each.key, [])
  allow_downgrade = contains(var.rollback, each.key)
  on_busy         = var.on_busy
  wait_timeout    = var.wait_timeout
}
