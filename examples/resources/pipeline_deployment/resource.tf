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

# Stacks of CloudFormation, as `cdk synth` writes them, in this order. The database is neither replaced nor deleted.
resource "pipeline_deployment" "infrastructure" {
  environment     = "staging"
  version         = "infra/v2.1.0"
  workflow_run_id = "1234567890"

  stacks = [
    {
      name         = "data-staging"
      template     = "cdk.out/Data.template.json"
      protect      = ["Database"]
      capabilities = ["CAPABILITY_IAM"]

      parameters = {
        Size = "small"
      }
      secret_parameters = {
        DatabasePassword = "DATABASE_PASSWORD"
      }
    },
    {
      name     = "app-staging"
      template = "s3://templates-123456789012/v2.1.0/App.template.json"
    },
  ]
  pass_environment = ["DATABASE_PASSWORD"]
}

# A migration of the database in the image of the release, before the service runs it.
resource "pipeline_deployment" "orders" {
  environment     = "staging"
  version         = "orders/v3.0.0"
  workflow_run_id = "1234567890"

  migrations = [{
    name = "0007_totals"
    ecs_task = {
      cluster         = "staging"
      task_definition = "orders"
      container       = "app"
      image           = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/orders:3.0.0"
      command         = ["./manage", "migrate", "0007"]
      subnets         = ["subnet-0123456789abcdef0"]
      launch_type     = "FARGATE"
    }
    rollback_command = ["./manage", "migrate", "0006"]
    timeout          = "30m"
  }]

  ecs = {
    cluster   = "staging"
    service   = "orders"
    container = "app"
    image     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/orders:3.0.0"
  }
}
