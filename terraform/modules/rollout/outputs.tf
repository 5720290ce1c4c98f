output "deployments" {
  description = "What each environment runs: version, commit and ID of the deployment."
  value = {
    for environment, deployment in pipeline_deployment.this : environment => {
      version       = deployment.version
      commit_sha    = deployment.commit_sha
      deployment_id = deployment.deployment_id
    }
  }

  # A misspelt name would leave a health check out without a word.
  precondition {
    condition = length(setsubtract(
      concat(keys(var.health_checks), keys(var.approvals), tolist(var.rollback)), keys(var.versions),
    )) == 0
    error_message = "`health_checks`, `approvals` and `rollback` name environments of `versions`."
  }
}
