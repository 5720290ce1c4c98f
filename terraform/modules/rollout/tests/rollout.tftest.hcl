# What the module asks of the provider, without a repository.

mock_provider "pipeline" {}

run "one_deployment_for_each_environment" {
  command = plan

  variables {
    service  = "api"
    versions = { staging = "v1.4.0", production = "v1.3.2" }
    approvals = {
      production = { approved_by = "ada" }
    }
    rollback = ["production"]
  }

  assert {
    condition     = length(pipeline_deployment.this) == 2
    error_message = "Each environment has one deployment."
  }

  assert {
    condition     = pipeline_deployment.this["staging"].version == "api/v1.4.0"
    error_message = "The service's path stands before the version."
  }

  assert {
    condition     = pipeline_deployment.this["production"].approval.approved_by == "ada"
    error_message = "The approval reaches its environment."
  }

  assert {
    condition = (
      pipeline_deployment.this["production"].allow_downgrade
      && !pipeline_deployment.this["staging"].allow_downgrade
    )
    error_message = "A rollback is allowed where it was asked for, and nowhere else."
  }
}

run "the_root_project_has_no_path" {
  command = plan

  variables {
    versions = { staging = "v2.0.0" }
  }

  assert {
    condition     = pipeline_deployment.this["staging"].version == "v2.0.0"
    error_message = "A version of the root project stands alone."
  }
}

run "what_cannot_be_is_refused" {
  command = plan

  variables {
    service  = "/api"
    versions = { staging = "api/v1.4.0" }
  }

  expect_failures = [
    var.service,
    var.versions,
  ]
}

run "a_misspelt_environment_is_told" {
  command = plan

  variables {
    service       = "api"
    versions      = { staging = "v1.4.0" }
    health_checks = { stagging = { url = "https://staging.example.com/health" } }
  }

  expect_failures = [
    output.deployments,
  ]
}
