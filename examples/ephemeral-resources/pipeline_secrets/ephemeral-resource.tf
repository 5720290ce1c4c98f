# The secrets file of an environment, decrypted in memory.
ephemeral "pipeline_secrets" "staging" {
  environment = "staging"
}

# Its values are handed to the commands of a deployment, and stored nowhere.
resource "pipeline_deployment" "api" {
  environment = "staging"
  version     = "api/v1.4.2"
  command     = { deploy = ["sh", "deploy.sh"] }

  secrets_wo = {
    DATABASE_PASSWORD = ephemeral.pipeline_secrets.staging.values["database.password"]
  }
  secrets_wo_version = 3
}

# Numbers, lists and null keep their types in `json`.
ephemeral "pipeline_secrets" "mail" {
  path = "secrets/mail.json"

  lifecycle {
    postcondition {
      condition     = jsondecode(self.json).smtp.port == 587
      error_message = "Mail is sent through port 587."
    }
  }
}
