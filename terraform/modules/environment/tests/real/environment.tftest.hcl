# The example on a real repository: terraform test -test-directory=tests/real -var repository=PATH
#
# It wants the folders of the environments staging and production there, and registers both.

run "registers" {
  module {
    source = "./examples/complete"
  }

  assert {
    condition     = output.environments == ["staging", "production"]
    error_message = "Both environments are registered."
  }
}

run "is_on_record" {
  module {
    source = "../../testing/record"
  }

  variables {
    environment = "production"
  }

  assert {
    condition = (
      output.environment.requires_approval
      && output.environment.approval_policy.required == 2
      && output.environment.after.environments == tolist(["staging"])
      && output.environment.soak == "1d"
      && output.environment.freezes[0].timezone == "Europe/Berlin"
      && output.environment.freeze_windows[0].name == "No Fridays"
    )
    error_message = "The policy is on record, where every configuration finds it."
  }
}
