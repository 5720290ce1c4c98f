# What the module asks of the provider, without a repository.

mock_provider "pipeline" {}

run "the_environment_is_registered_elsewhere" {
  command = plan

  variables {
    environment = "staging"
    path        = "api"
    release     = "v1.4.0"
  }

  assert {
    condition     = length(module.environment) == 0
    error_message = "Without a policy, no environment is registered."
  }

  assert {
    condition = (
      pipeline_deployment.this.version == "api/v1.4.0"
      && pipeline_deployment.this.ecs == null
      && pipeline_deployment.this.command == null
      && pipeline_deployment.this.approvals == null
      && pipeline_deployment.this.migrations == null
      && !pipeline_deployment.this.allow_downgrade
    )
    error_message = "What is left out is left out of the deployment."
  }
}

run "an_environment_of_its_own" {
  command = plan

  variables {
    environment = "staging"
    release     = "v1.4.0"
    policy      = { after = ["dev"], soak = "1h" }
  }

  assert {
    condition     = module.environment[0].name == "staging"
    error_message = "A policy registers the environment."
  }

  assert {
    condition     = pipeline_deployment.this.version == "v1.4.0"
    error_message = "A version of the root project stands alone."
  }
}

run "an_image_follows_the_release" {
  command = plan

  variables {
    environment = "staging"
    path        = "services/api"
    release     = "v1.4.0"
    ecs = {
      cluster   = "staging"
      service   = "api"
      container = "app"
      image     = "registry.example.org/api:{number}"
      secrets   = { TOKEN = "/api/token" }
    }
    health_check = { url = "https://api.staging.example.com/health", retries = 3 }
  }

  assert {
    condition = (
      pipeline_deployment.this.ecs.image == "registry.example.org/api:1.4.0"
      && pipeline_deployment.this.ecs.secrets["TOKEN"] == "/api/token"
    )
    error_message = "The number of the release is the tag of the image."
  }

  assert {
    condition     = pipeline_deployment.this.health_check.retries == 3
    error_message = "The health check reaches the deployment."
  }
}

run "a_rollback_by_command" {
  command = plan

  variables {
    environment     = "production"
    release         = "v1.3.0"
    allow_downgrade = true
    reason          = "INC-2210"
    command         = { deploy = ["bin/deploy"], restore = ["bin/deploy", "--previous"] }
    migrations      = [{ name = "0041", command = ["bin/migrate", "0041"] }]
    tests           = { commands = [["bin/smoke"]] }
    approvals       = [{ approved_by = "grace" }, { approved_by = "linus" }]
    wait_for        = ["freeze"]
  }

  assert {
    condition = (
      pipeline_deployment.this.allow_downgrade
      && pipeline_deployment.this.reason == "INC-2210"
      && pipeline_deployment.this.command.restore[1] == "--previous"
      && pipeline_deployment.this.migrations[0].name == "0041"
      && pipeline_deployment.this.tests.commands[0][0] == "bin/smoke"
      && length(pipeline_deployment.this.approvals) == 2
      && pipeline_deployment.this.wait_for == tolist(["freeze"])
    )
    error_message = "All of it reaches the deployment."
  }
}

run "what_cannot_be_is_refused" {
  command = plan

  variables {
    environment  = "Staging"
    path         = "/api"
    release      = "api/v1.4.0"
    ecs          = { cluster = "staging", service = "api", container = "app", image = "registry.example.org/api" }
    command      = { deploy = [] }
    migrations   = [{ name = "one", command = ["a"] }, { name = "one", command = ["b"] }]
    health_check = { url = "api.example.com" }
    on_busy      = "skip"
    wait_for     = ["friday"]
    policy       = { aprovals = 2 }
  }

  expect_failures = [
    var.environment,
    var.path,
    var.release,
    var.ecs,
    var.command,
    var.migrations,
    var.health_check,
    var.on_busy,
    var.wait_for,
    var.policy,
  ]
}
