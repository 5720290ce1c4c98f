output "deployments" {
  description = "What each environment runs: version, commit and ID of the deployment."
  value = {
    for environment, deployment in pipeline_deployment.this : environment => {
      version       = deployment.version
      commit_sha    = deployment.commit_sha
      deployment_id = deployment.deployment_id
    }
  }
}
