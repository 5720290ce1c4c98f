terraform {
  required_providers {
    pipeline = {
      source = "pipeline/pipeline"
    }
  }
}

# Without any argument, the provider manages the git repository around this
# directory and its remote "origin".
provider "pipeline" {
  repository = "/srv/checkout/product"
  actor      = "release-bot"

  # Admits v1.2.3-rc.1 as a version tag.
  allow_prerelease_tags = true

  # Environments whose tags move; each has a folder under environments/.
  environment_tag_names = ["production", "staging", "qa"]

  # Deployments to ECS, artifacts in S3 and stacks use this role of AWS.
  aws = {
    region = "eu-west-1"
    assume_role = {
      role_arn = "arn:aws:iam::123456789012:role/release"
    }
  }

  # What expires is deleted only after this bucket holds it.
  archive = {
    bucket = "acme-archive"
    prefix = "pipeline/"
  }

  # Who is told of deployments and runs that ended.
  telemetry = {
    otlp       = { endpoint = "https://otlp.example.com:4318", headers = { Authorization = var.otlp_token } }
    cloudwatch = { log_group = "/aphex/pipeline" }
  }
}

variable "otlp_token" {
  type      = string
  sensitive = true
  default   = null
}
