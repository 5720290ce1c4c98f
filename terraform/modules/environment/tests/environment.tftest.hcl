# What the module asks of the provider, without a repository.

mock_provider "pipeline" {}

run "a_name_is_enough" {
  command = plan

  variables {
    name = "staging"
  }

  assert {
    condition = (
      pipeline_environment.this.name == "staging"
      && pipeline_environment.this.approval_policy == null
      && pipeline_environment.this.freezes == null
      && pipeline_environment.this.freeze_windows == null
      && pipeline_environment.this.after == null
      && pipeline_environment.this.soak == null
    )
    error_message = "What is left out asks for nothing."
  }
}

run "a_policy_in_full" {
  command = plan

  variables {
    name                = "production"
    approvals           = 2
    approvers           = ["grace", "linus", "margaret"]
    approvals_valid_for = "3d"
    after               = ["staging"]
    after_condition     = "running"
    soak                = "1d"
    timezone            = "Europe/Berlin"
    freezes             = { "Year end" = { from = "2026-12-20T18:00", to = "2027-01-03T08:00" } }
    freeze_windows      = { "No Fridays" = { days = ["fri"], from = "14:00", to = "24:00" } }
    concurrency         = "sub_project"
    supersede_queued    = true
  }

  assert {
    condition = (
      pipeline_environment.this.requires_approval
      && pipeline_environment.this.approval_policy.required == 2
      && length(pipeline_environment.this.approval_policy.approvers) == 3
      && pipeline_environment.this.approval_policy.valid_for == "3d"
      && pipeline_environment.this.approval_policy.signatures == null
    )
    error_message = "Two of three people approve, for three days."
  }

  assert {
    condition = (
      pipeline_environment.this.after.environments == tolist(["staging"])
      && pipeline_environment.this.after.match == "all"
      && pipeline_environment.this.after.condition == "running"
      && pipeline_environment.this.soak == "1d"
    )
    error_message = "A version runs in staging for a day before."
  }

  assert {
    condition = (
      pipeline_environment.this.freezes[0].name == "Year end"
      && pipeline_environment.this.freezes[0].timezone == "Europe/Berlin"
      && pipeline_environment.this.freeze_windows[0].name == "No Fridays"
      && pipeline_environment.this.freeze_windows[0].timezone == "Europe/Berlin"
    )
    error_message = "All freezes are by the same clocks."
  }

  assert {
    condition     = pipeline_environment.this.concurrency == "sub_project" && pipeline_environment.this.supersede_queued
    error_message = "The policy of the queue reaches the environment."
  }
}

run "keys_ask_for_signatures" {
  command = plan

  variables {
    name            = "production"
    allowed_signers = ["grace ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleExam"]
  }

  assert {
    condition     = pipeline_environment.this.approval_policy.signatures == "required"
    error_message = "Where there are keys, only signed approvals count."
  }
}

run "no_approval_is_said" {
  command = plan

  variables {
    name      = "production"
    approvals = 0
  }

  assert {
    condition = (
      !pipeline_environment.this.requires_approval
      && pipeline_environment.this.approval_policy == null
    )
    error_message = "No approvals is an answer, and not the default."
  }
}

run "what_cannot_be_is_refused" {
  command = plan

  variables {
    name                = "Production"
    approvals           = 1.5
    approvals_valid_for = "three days"
    after               = ["staging", "staging"]
    after_match         = "some"
    after_condition     = "deployed"
    soak                = "long"
    freeze_windows      = { "No Fridays" = { days = ["friday"], from = "14:00", to = "24:00" } }
    concurrency         = "service"
    account             = "1234"
  }

  expect_failures = [
    var.name,
    var.approvals,
    var.approvals_valid_for,
    var.after,
    var.after_match,
    var.after_condition,
    var.soak,
    var.freeze_windows,
    var.concurrency,
    var.account,
  ]
}
