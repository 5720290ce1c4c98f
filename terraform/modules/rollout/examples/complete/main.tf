# The API in staging and production, where somebody approved it.

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

variable "versions" {
  description = "Version for each environment."
  type        = map(string)
  default     = { staging = "v1.1.0", production = "v1.0.0" }
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

  service  = "api"
  versions = var.versions
  rollback = ["staging"]
  approvals = {
    production = { approved_by = "grace", reference = "CHG-1042" }
  }
}

output "running" {
  description = "What each environment runs."
  value       = { for environment, deployment in module.api.deployments : environment => deployment.version }
}
