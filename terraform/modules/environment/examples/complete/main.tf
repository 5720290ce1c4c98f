# Two environments: production follows staging, after a soak and two approvals, and never on a Friday.

terraform {
  required_version = ">= 1.8"

  required_providers {
    pipeline = {
      source = "pipeline/pipeline"
    }
  }
}

variable "repository" {
  description = "Path or URL of the git repository; the one around this folder where absent."
  type        = string
  default     = null
}

provider "pipeline" {
  repository = var.repository
}

module "staging" {
  source = "../.."

  name = "staging"
}

module "production" {
  source = "../.."

  name                = "production"
  after               = [module.staging.name]
  soak                = "1d"
  approvals           = 2
  approvers           = ["grace", "linus", "margaret"]
  approvals_valid_for = "3d"
  timezone            = "Europe/Berlin"

  freezes = {
    "Year end" = { from = "2026-12-20T18:00", to = "2027-01-03T08:00" }
  }
  freeze_windows = {
    "No Fridays" = { days = ["fri"], from = "14:00", to = "24:00" }
  }
  regions = [
    { name = "eu-west", cloud_mappings = { aws = "eu-west-1" } },
  ]
}

output "environments" {
  description = "What is registered."
  value       = [module.staging.name, module.production.name]
}
