# Grace approves: terraform apply -invoke=action.pipeline_approve.release
action "pipeline_approve" "release" {
  config {
    environment = "production"
    version     = "api/v1.4.0"
    reference   = "CHG-1042"
  }
}
