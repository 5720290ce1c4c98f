resource "pipeline_environment" "staging" {
  name = "staging"
}

resource "pipeline_environment" "production" {
  name              = "production"
  is_production     = true
  requires_approval = true
  account           = "123456789012"
  aws_region        = "eu-west-1"

  regions = [{
    name           = "eu-west"
    cloud_mappings = { aws = "eu-west-1", azure = "westeurope" }
  }]

  hosting_profile = {
    resource_tier       = "P1v2"
    instance_count      = 2
    backup_strategy     = "zone-redundant"
    storage_replication = "RA-GRS"
    region              = "westeurope"

    monitoring_thresholds = {
      latency_p95_ms       = 500
      error_rate_percent   = 1
      availability_percent = 99.9
    }
  }

  approval_policy = {
    approvers = ["Grace Example"]
  }

  freezes = [{
    name     = "Year end"
    from     = "2026-12-20T18:00"
    to       = "2027-01-03T08:00"
    timezone = "Europe/Berlin"
  }]

  freeze_windows = [{
    name     = "No Fridays"
    days     = ["fri"]
    from     = "14:00"
    to       = "24:00"
    timezone = "Europe/Berlin"
  }]

  after = {
    environments = [pipeline_environment.staging.name]
  }
  soak = "1h"

  tags = {
    Project = "shop"
  }
}

# Two of three people, each for three days: in `approvals` of a deployment, or by a `pipeline_approval` of their own.
resource "pipeline_environment" "live" {
  name = "live"

  approval_policy = {
    required  = 2
    approvers = ["grace", "linus", "margaret"]
    valid_for = "3d"
  }
}
