# By hand: terraform apply -invoke=action.pipeline_promote.to_production
action "pipeline_promote" "to_production" {
  config {
    from             = "staging"
    to               = "production"
    sub_project_path = "api"
    region           = "eu-west"
    reason           = "the release of this week"
  }
}

# Or as soon as it runs in staging.
resource "pipeline_deployment" "staging" {
  environment = "staging"
  version     = "api/v1.4.0"

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.pipeline_promote.to_production]
    }
  }
}
