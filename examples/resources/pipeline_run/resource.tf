variable "run" {
  description = "What CI knows of its run."
  type = object({
    id         = string
    commit_sha = string
    status     = string
  })
  default = {
    id         = "run-20251020-143045-k8m3q2"
    commit_sha = "5c04b60a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e"
    status     = "running"
  }
}

# Each run of CI has an ID of its own: it is recorded beside those before.
resource "pipeline_run" "this" {
  name       = "production-deploy"
  run_id     = var.run.id
  trigger    = "push"
  branch     = "main"
  commit_sha = var.run.commit_sha
  status     = var.run.status
}

# A deployment can name the run that makes it.
resource "pipeline_deployment" "staging" {
  environment  = "staging"
  version      = "api/v1.4.0"
  pipeline_run = pipeline_run.this.id
}
