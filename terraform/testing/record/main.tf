# For tests of the modules: what git says of an environment, read by itself.

terraform {
  required_version = ">= 1.8"

  required_providers {
    pipeline = {
      source = "pipeline/pipeline"
    }
  }
}

variable "repository" {
  description = "Path of the git repository."
  type        = string
}

variable "environment" {
  description = "Name of the environment."
  type        = string
}

provider "pipeline" {
  repository = var.repository
}

data "pipeline_environment" "this" {
  name = var.environment
}

data "pipeline_versions" "all" {}

output "environment" {
  description = "The environment as it is on record."
  value       = data.pipeline_environment.this
}

output "running" {
  description = "Version that it runs, by path of the service."
  value       = { for path, it in data.pipeline_environment.this.deployed : path => it.version }
}

output "states" {
  description = "States of each version that was ever cut."
  value       = { for version in data.pipeline_versions.all.versions : version.tag_name => version.states }
}
