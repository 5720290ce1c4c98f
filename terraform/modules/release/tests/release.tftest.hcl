# What the module asks of the provider, without a repository.

mock_provider "pipeline" {}

run "cuts_marks_and_promotes" {
  command = plan

  variables {
    path       = "api"
    versions   = { "v1.3.0" = "v1.3.0-branch", "v1.4.0" = "main" }
    notes      = { "v1.4.0" = "Faster search" }
    stable     = ["v1.3.0"]
    deprecated = ["v1.1.0"]
    promote    = { staging = "v1.4.0", production = "v1.2.0" }
    rollback   = ["production"]
    approvals  = { production = [{ approved_by = "grace" }] }
  }

  assert {
    condition = (
      pipeline_version_tag.version["v1.4.0"].tag_name == "api/v1.4.0"
      && pipeline_version_tag.version["v1.4.0"].ref == "main"
      && pipeline_version_tag.version["v1.4.0"].message == "Faster search"
    )
    error_message = "A version is a tag with the path of the service."
  }

  assert {
    condition     = toset(keys(pipeline_version_tag.mark)) == toset(["v1.3.0-stable", "v1.1.0-deprecated"])
    error_message = "Each mark is a tag beside that of its version."
  }

  assert {
    condition     = pipeline_version_tag.mark["v1.1.0-deprecated"].ref == "api/v1.1.0"
    error_message = "A version that was cut elsewhere is marked by its name."
  }

  assert {
    condition = (
      pipeline_deployment.promotion["staging"].version == "api/v1.4.0"
      && !pipeline_deployment.promotion["staging"].allow_downgrade
      && pipeline_deployment.promotion["staging"].approvals == null
    )
    error_message = "A version that is cut here is promoted."
  }

  assert {
    condition = (
      pipeline_deployment.promotion["production"].version == "api/v1.2.0"
      && pipeline_deployment.promotion["production"].allow_downgrade
      && pipeline_deployment.promotion["production"].approvals[0].approved_by == "grace"
    )
    error_message = "A version that was cut elsewhere is promoted, too."
  }
}

run "the_root_project_has_no_path" {
  command = plan

  variables {
    versions = { "v2.0.0" = "main" }
    stable   = ["v2.0.0"]
  }

  assert {
    condition = (
      pipeline_version_tag.version["v2.0.0"].tag_name == "v2.0.0"
      && pipeline_version_tag.mark["v2.0.0-stable"].tag_name == "v2.0.0-stable"
    )
    error_message = "A version of the root project stands alone."
  }
}

run "what_cannot_be_is_refused" {
  command = plan

  variables {
    path     = "api/"
    versions = { "1.4.0" = "main" }
    promote  = { staging = "api/v1.4.0" }
  }

  expect_failures = [
    var.path,
    var.versions,
    var.promote,
  ]
}

run "a_misspelt_version_or_environment_is_told" {
  command = plan

  variables {
    path     = "api"
    versions = { "v1.4.0" = "main" }
    notes    = { "v1.4.00" = "Faster search" }
    promote  = { staging = "v1.4.0" }
    rollback = ["stagging"]
  }

  expect_failures = [
    output.tags,
    output.running,
  ]
}
