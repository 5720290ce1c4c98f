# What git says, read after everything was applied.
data "pipeline_environment" "staging" {
  name = pipeline_environment.staging.name

  depends_on = [pipeline_deployment.staging]
}

data "pipeline_environment" "production" {
  name = pipeline_environment.production.name

  depends_on = [pipeline_deployment.production]
}

data "pipeline_version" "newest" {
  sub_project_path = "api"

  depends_on = [pipeline_version_tag.release]
}

output "staging" {
  description = "What staging runs, by project."
  value       = { for project, it in data.pipeline_environment.staging.deployed : project => it.version }
}

output "production" {
  description = "What production runs, by project."
  value       = { for project, it in data.pipeline_environment.production.deployed : project => it.version }
}

output "next_release" {
  description = "The version that would follow the newest one."
  value       = provider::pipeline::bump_version(data.pipeline_version.newest.full_version, "minor")
}
