# terraform apply -invoke=action.pipeline_maintenance.old_versions
action "pipeline_maintenance" "old_versions" {
  config {
    task_type = "deprecate-old-versions"
    deprecate = {
      keep       = 10
      older_than = "90d"
    }
  }
}

# Or after each release.
resource "pipeline_version_tag" "release" {
  tag_name = "api/v1.4.0"
  ref      = "main"

  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.pipeline_maintenance.old_versions]
    }
  }
}
