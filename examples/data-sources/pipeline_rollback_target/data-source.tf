data "pipeline_rollback_target" "api" {
  environment      = "production"
  sub_project_path = "api"
  exclude_unstable = true
}

output "go_back_to" {
  value = data.pipeline_rollback_target.api.target_version
}

output "why_not_the_others" {
  value = {
    for rejected in data.pipeline_rollback_target.api.rejected_versions :
    rejected.version => rejected.reason
  }
}
