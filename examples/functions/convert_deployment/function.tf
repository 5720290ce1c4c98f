# {"deployment_id":"deploy-1729433445", …}: what happened, as a deployment-state file has it
output "state" {
  value = provider::pipeline::convert_deployment(jsonencode({
    deployment_id           = "deploy-1729433445"
    timestamp               = "2025-10-20T14:30:45Z"
    commit_sha              = "5c04b60a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e"
    status                  = "success"
    git_operations_attempts = 1
  }), "state", "state").json
}
