data "pipeline_approvals" "release" {
  environment = "production"
  version     = "api/v1.4.0"
}

output "approved_by" {
  value = data.pipeline_approvals.release.approved_by
}
