# The example on a real repository: terraform test -test-directory=tests/real -var repository=PATH
#
# It wants the folders of the environments staging and production there, and the tags api/v1.0.0 and api/v1.1.0.

variables {
  staging    = "v1.0.0"
  production = "v1.0.0"
}

run "reaches_production" {
  module {
    source = "./examples/complete"
  }

  assert {
    condition     = output.running == { staging = "api/v1.0.0", production = "api/v1.0.0" }
    error_message = "Both environments run the first release."
  }
}

run "reaches_staging_alone" {
  module {
    source = "./examples/complete"
  }

  variables {
    staging = "v1.1.0"
  }

  assert {
    condition     = module.staging.previous_version == "api/v1.0.0"
    error_message = "The second release replaces the first one."
  }
}

run "is_on_record" {
  module {
    source = "../../testing/record"
  }

  variables {
    environment = "staging"
  }

  assert {
    condition     = output.running["api"] == "api/v1.1.0"
    error_message = "Staging runs the second release."
  }
}
