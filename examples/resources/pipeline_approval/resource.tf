# In a configuration of Grace's own, applied by her: the provider's `actor` is her login.
resource "pipeline_approval" "release" {
  environment = "production"
  version     = "api/v1.4.0"
  reference   = "CHG-1042"
}

# A rejection blocks the commit until she changes it.
resource "pipeline_approval" "broken" {
  environment = "production"
  version     = "api/v1.4.1"
  decision    = "reject"
  reference   = "https://issues.example.com/BUG-7"
}
