output "running" {
  description = "Version and commit of each environment."
  value = {
    staging    = "${pipeline_deployment.staging.version} (${substr(pipeline_deployment.staging.commit_sha, 0, 7)})"
    production = "${pipeline_deployment.production.version} (${substr(pipeline_deployment.production.commit_sha, 0, 7)})"
  }
}

output "next_release" {
  description = "The version that would follow the one in staging."
  value       = provider::pipeline::bump_version(pipeline_deployment.staging.version, "minor")
}
