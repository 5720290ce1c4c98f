# What CI did, and what came of it: a run with the deployment that it made, a
# security audit, and a report of everything as a page. `cargo xtask demo`
# applies it.

terraform {
  required_version = ">= 1.8"

  required_providers {
    pipeline = {
      source = "pipeline/pipeline"
    }
  }
}

provider "pipeline" {
  repository = var.repository

  github = {
    repository = var.github
  }
}

# The run of CI, as CI knows it.
resource "pipeline_run" "this" {
  name         = "production-deploy"
  run_id       = var.run.id
  trigger      = "push"
  branch       = "main"
  commit_sha   = var.run.commit_sha
  status       = "success"
  started_at   = var.run.started_at
  completed_at = var.run.completed_at
}

# The environment is registered by another configuration; its rules hold here.
resource "pipeline_deployment" "worker" {
  environment  = "staging"
  version      = var.worker
  reason       = "The queue grows faster than it is worked off"
  pipeline_run = pipeline_run.this.id
}

# Searches the checkout for credentials, once for each commit.
resource "pipeline_maintenance_task" "audit" {
  task_type = "security-audit"
  triggers  = { commit = var.run.commit_sha }
}

data "pipeline_report" "this" {
  environments = ["staging", "production"]
  run          = pipeline_run.this.id

  depends_on = [pipeline_deployment.worker, pipeline_maintenance_task.audit]
}
