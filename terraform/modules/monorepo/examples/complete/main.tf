# Two services in two environments. Only staging has the new API yet.

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

variable "services" {
  description = "Version of each service in each environment."
  type        = map(map(string))
  default = {
    api = { staging = "v1.1.0", production = "v1.0.0" }
    web = { staging = "v2.0.0", production = "v2.0.0" }
  }
}

variable "rollback" {
  description = "Places where a lower version may replace the one that runs."
  type        = set(string)
  default     = []
}

provider "pipeline" {
  repository = var.repository
}

module "shop" {
  source = "../.."

  services = var.services
  rollback = var.rollback
  approvals = {
    "api/production" = [{ approved_by = "grace", reference = "CHG-1042" }]
    "web/production" = [{ approved_by = "grace", reference = "CHG-1043" }]
  }

  environments = {
    staging = {}
    production = {
      approvals = 1
      regions   = [{ name = "eu-west", cloud_mappings = { aws = "eu-west-1" } }]
    }
  }

  command = {
    deploy = ["sh", "-c", "echo {number} > running.{name}.{environment}"]
    verify = ["grep", "-qx", "{number}", "running.{name}.{environment}"]
  }
}

output "running" {
  description = "Version of each service in each environment."
  value       = module.shop.running
}
