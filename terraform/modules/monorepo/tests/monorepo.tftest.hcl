# What the module asks of the provider, without a repository.

mock_provider "pipeline" {}

variables {
  services = {
    api             = { staging = "v1.5.0", production = "v1.4.0" }
    "services/mail" = { staging = "v2.0.1" }
  }
}

run "every_service_everywhere" {
  command = plan

  variables {
    environments = {
      staging    = {}
      production = { approvals = 2, after = ["staging"] }
    }
    rollback = ["api/production"]
  }

  assert {
    condition = output.running == {
      api             = { staging = "v1.5.0", production = "v1.4.0" }
      "services/mail" = { staging = "v2.0.1" }
    }
    error_message = "Each service runs its version in each environment."
  }

  assert {
    condition     = keys(module.environment) == ["production", "staging"]
    error_message = "Both environments are registered."
  }

  assert {
    condition     = module.environment["production"].requires_approval
    error_message = "The policy reaches the environment."
  }
}

run "conventions_are_filled_in" {
  command = plan

  variables {
    ecs = {
      cluster     = "{environment}"
      service     = "{name}"
      container   = "app"
      image       = "registry.example.org/{service}:{number}"
      environment = { RELEASE = "{version}" }
    }
    health_check = { url = "https://{name}.{environment}.example.com/health" }
  }

  assert {
    condition = (
      local.deployed["services/mail/staging"].ecs.image == "registry.example.org/services/mail:2.0.1"
      && local.deployed["services/mail/staging"].ecs.service == "mail"
      && local.deployed["services/mail/staging"].ecs.environment["RELEASE"] == "v2.0.1"
      && local.deployed["api/production"].ecs.cluster == "production"
      && local.deployed["api/production"].health_check.url == "https://api.production.example.com/health"
    )
    error_message = "Each place has the conventions in its own words."
  }

  assert {
    condition     = length(module.environment) == 0
    error_message = "Environments that are not named are registered elsewhere."
  }
}

run "what_cannot_be_is_refused" {
  command = plan

  variables {
    services     = { api = { staging = "1.5.0" } }
    environments = { staging = { aprovals = 2 } }
    on_busy      = "skip"
  }

  expect_failures = [
    var.services,
    var.environments,
    var.on_busy,
  ]
}

run "a_misspelt_place_is_told" {
  command = plan

  variables {
    services  = { api = { staging = "v1.5.0" } }
    rollback  = ["api/stagging"]
    approvals = { "apis/staging" = [{ approved_by = "ada" }] }
  }

  expect_failures = [
    output.deployments,
  ]
}
