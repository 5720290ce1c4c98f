# The example on a real repository: terraform test -test-directory=tests/real -var repository=PATH
#
# It wants the folders of the environments staging and production there, and the tags api/v1.0.0, api/v1.1.0
# and web/v2.0.0.

run "brings_everything_into_service" {
  module {
    source = "./examples/complete"
  }

  assert {
    condition = output.running == {
      api = { staging = "v1.1.0", production = "v1.0.0" }
      web = { staging = "v2.0.0", production = "v2.0.0" }
    }
    error_message = "Each service runs its version in each environment."
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
    condition     = output.running == { api = "api/v1.1.0", web = "web/v2.0.0" }
    error_message = "Staging runs both services."
  }
}

run "goes_back_where_it_is_told" {
  module {
    source = "./examples/complete"
  }

  variables {
    services = {
      api = { staging = "v1.0.0", production = "v1.0.0" }
      web = { staging = "v2.0.0", production = "v2.0.0" }
    }
    rollback = ["api/staging"]
  }

  assert {
    condition     = output.running.api.staging == "v1.0.0"
    error_message = "Staging is back on the first version."
  }
}
