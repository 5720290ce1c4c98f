# An API in two environments. Staging takes every release; production follows it.

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

variable "staging" {
  description = "Release that staging runs."
  type        = string
}

variable "production" {
  description = "Release that production runs."
  type        = string
}

provider "pipeline" {
  repository = var.repository
}

module "staging" {
  source = "../.."

  environment = "staging"
  path        = "api"
  release     = var.staging
  policy      = {}

  command = {
    deploy  = ["sh", "-c", "echo \"$PIPELINE_VERSION\" > running"]
    verify  = ["sh", "-c", "grep -qx \"$PIPELINE_VERSION\" running"]
    restore = ["sh", "-c", "echo \"$PIPELINE_PREVIOUS_VERSION\" > running"]
  }
}

module "production" {
  source     = "../.."
  depends_on = [module.staging]

  environment = "production"
  path        = "api"
  release     = var.production

  policy = {
    after     = ["staging"]
    approvals = 1
    regions   = [{ name = "eu-west", cloud_mappings = { aws = "eu-west-1" } }]
  }
  approvals = [{ approved_by = "grace", reference = "CHG-1042" }]
}

output "running" {
  description = "What each environment runs."
  value = {
    staging    = module.staging.version
    production = module.production.version
  }
}
