# When production is on fire: terraform apply -invoke=action.pipeline_rollback.production
action "pipeline_rollback" "production" {
  config {
    environment      = "production"
    sub_project_path = "api"
    reason           = "INC-2041"
  }
}

# To a version of one's choice, among the candidates of `pipeline_rollback_target`.
action "pipeline_rollback" "to_known_version" {
  config {
    environment      = "production"
    sub_project_path = "api"
    target_version   = "api/v1.3.2"
  }
}
