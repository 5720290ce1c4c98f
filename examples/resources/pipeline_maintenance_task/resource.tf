# Searches what CI runs for credentials, at each new commit. A finding fails the apply.
variable "commit" {
  type    = string
  default = "HEAD"
}

resource "pipeline_maintenance_task" "audit" {
  task_type = "security-audit"
  triggers  = { commit = var.commit }

  security_audit = {
    paths = ["deploy"]
  }
}

# Shows which versions would be deprecated, and changes nothing.
resource "pipeline_maintenance_task" "old_versions" {
  task_type = "deprecate-old-versions"
  dry_run   = true

  deprecate = {
    keep       = 10
    older_than = "90d"
  }
}

# Once a month.
resource "pipeline_maintenance_task" "cleanup" {
  task_type = "cleanup"
  triggers  = { month = "2026-01" }
}
