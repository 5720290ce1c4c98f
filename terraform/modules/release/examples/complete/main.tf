# Version 1.1.0 is cut from main and goes to staging, while production stays on 1.0.0, which is stable.

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

variable "production" {
  description = "Release that production runs."
  type        = string
  default     = "v1.0.0"
}

variable "change" {
  description = "Ticket with the approval of what production runs."
  type        = string
  default     = "CHG-1042"
}

provider "pipeline" {
  repository = var.repository
}

module "staging" {
  source = "../../../environment"

  name = "staging"
}

module "production" {
  source = "../../../environment"

  name    = "production"
  regions = [{ name = "eu-west", cloud_mappings = { aws = "eu-west-1" } }]
}

module "api" {
  source     = "../.."
  depends_on = [module.staging, module.production]

  path = "api"
  versions = {
    "v1.0.0" = "main~1"
    "v1.1.0" = "main"
  }
  notes = {
    "v1.1.0" = "API 1.1.0: faster search"
  }
  stable = ["v1.0.0"]
  promote = {
    staging    = "v1.1.0"
    production = var.production
  }
  approvals = {
    production = [{ approved_by = "grace", reference = var.change }]
  }
}

output "running" {
  description = "What each environment runs."
  value       = module.api.running
}
