# The example on a real repository: terraform test -test-directory=tests/real -var repository=PATH
#
# It wants the folders of the environments staging and production there, and two commits on main. The tags
# that it makes stay.

run "cuts_and_promotes" {
  module {
    source = "./examples/complete"
  }

  assert {
    condition     = output.running == { staging = "api/v1.1.0", production = "api/v1.0.0" }
    error_message = "Staging is one version ahead."
  }
}

run "is_in_git" {
  module {
    source = "../../testing/record"
  }

  variables {
    environment = "production"
  }

  assert {
    condition = (
      output.states["api/v1.0.0"] == tolist(["stable"])
      && length(output.states["api/v1.1.0"]) == 0
    )
    error_message = "Both versions are tags, and the first one is marked as stable."
  }

  assert {
    condition     = output.running["api"] == "api/v1.0.0"
    error_message = "Production runs the first version."
  }
}

run "promotes" {
  module {
    source = "./examples/complete"
  }

  variables {
    production = "v1.1.0"
    change     = "CHG-1043"
  }

  assert {
    condition     = output.running["production"] == "api/v1.1.0"
    error_message = "To promote is to name another version."
  }
}
