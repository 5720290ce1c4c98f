resource "pipeline_environment" "production" {
  name = "production"
}

resource "pipeline_secret" "database" {
  name                   = "DatabaseConnectionString"
  key_vault_url          = "https://kv-shop-prod.vault.azure.net/"
  type                   = "ConnectionString"
  environment            = pipeline_environment.production.name
  rotation_schedule_days = 30
  last_rotated_at        = "2026-01-15T10:00:00Z"
}

# Known before anybody rotated it: nothing is due yet.
resource "pipeline_secret" "mail" {
  name          = "MailApiKey"
  key_vault_url = "https://kv-shop-prod.vault.azure.net/"
  type          = "ApiKey"
  environment   = pipeline_environment.production.name
  created_by    = "admin@example.com"
}
