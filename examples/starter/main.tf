# One service, two environments. The guide "Your first five minutes" goes on from here.

terraform {
  required_version = ">= 1.8"

  required_providers {
    pipeline = {
      source = "pipeline/pipeline"
    }
  }
}

# Without arguments, it is the repository around this folder that is managed.
provider "pipeline" {}

# Versions: annotated tags, each made once, on what `main` is then.
resource "pipeline_version_tag" "release" {
  for_each = toset(["v1.0.0"])

  tag_name = each.key
  ref      = "main"
}

resource "pipeline_environment" "staging" {
  name = "staging"
}

# What staging runs. Another version is another deployment.
resource "pipeline_deployment" "staging" {
  environment = pipeline_environment.staging.name
  version     = pipeline_version_tag.release["v1.0.0"].tag_name
}
