# Another version is a new deployment, in place.
resource "pipeline_deployment" "staging" {
  environment     = "staging"
  version         = "api/v1.4.0"
  workflow_run_id = "1234567890"

  health_check = {
    url           = "https://staging.example.com/health"
    expected_body = "\"status\": *\"ok\""
    retries       = 20
    timeout       = "2m"
  }
}

# An environment that requires approval wants to know who approved, and it may
# not be the person who deploys.
resource "pipeline_deployment" "production" {
  environment     = "production"
  region          = "eu-west"
  version         = pipeline_deployment.staging.version
  workflow_run_id = "1234567890"

  approval = {
    approved_by = "Grace Example"
    approved_at = "2026-01-02T15:04:05Z"
    reference   = "CHG-1042"
  }
}

# Two approvals, one of them written here; the other may be a `pipeline_approval` of somebody else.
resource "pipeline_deployment" "live" {
  environment     = "live"
  version         = pipeline_deployment.staging.version
  workflow_run_id = "1234567890"

  approvals = [
    { approved_by = "grace", approved_at = "2026-01-02T15:04:05Z", reference = "CHG-1042" },
  ]
}

# An image on a service of Amazon ECS: rolled out, followed to its end, and put back if it fails.
resource "pipeline_deployment" "api" {
  environment     = "staging"
  version         = "api/v1.4.0"
  workflow_run_id = "1234567890"

  ecs = {
    cluster   = "staging"
    service   = "api"
    container = "app"
    image     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/api:1.4.0"

    environment = {
      LOG_LEVEL = "info"
    }
    secrets = {
      DATABASE_PASSWORD = "/api/staging/database-password"
    }
  }
}
