# The example on a real repository: terraform test -test-directory=tests/real -var repository=PATH
#
# It wants the folders of the environments staging and production there, and the tags api/v1.0.0 and api/v1.1.0.

run "rolls_out" {
  module {
    source = "./examples/complete"
  }

  assert {
    condition     = output.running == { staging = "api/v1.1.0", production = "api/v1.0.0" }
    error_message = "Each environment runs its version."
  }
}

run "goes_back" {
  module {
    source = "./examples/complete"
  }

  variables {
    versions = { staging = "v1.0.0", production = "v1.0.0" }
  }

  assert {
    condition     = output.running["staging"] == "api/v1.0.0"
    error_message = "Staging is back on the first version."
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
    condition     = output.running["api"] == "api/v1.0.0"
    error_message = "Staging runs the first version."
  }
}
