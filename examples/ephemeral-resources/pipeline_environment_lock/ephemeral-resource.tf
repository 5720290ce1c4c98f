# Nobody else deploys to staging between these two.
ephemeral "pipeline_environment_lock" "staging" {
  environment = "staging"
  reason      = "Schema and service of release 42 go together"
}

resource "pipeline_deployment" "schema" {
  environment = "staging"
  version     = "schema/v1.4.0"

  depends_on = [ephemeral.pipeline_environment_lock.staging]
}

# Each deployment names the lock, also where it depends on another one under it.
resource "pipeline_deployment" "api" {
  environment = "staging"
  version     = "api/v1.4.0"

  depends_on = [
    ephemeral.pipeline_environment_lock.staging,
    pipeline_deployment.schema,
  ]
}
