data "pipeline_secret_rotations" "overdue" {
  environment = "production"
  overdue     = true
}

output "to_rotate" {
  value = [for secret in data.pipeline_secret_rotations.overdue.rotations : secret.name]
}

# Fails a scheduled run while anything is overdue.
check "secrets_are_rotated" {
  assert {
    condition     = length(data.pipeline_secret_rotations.overdue.rotations) == 0
    error_message = "Secrets of production are due to be rotated."
  }
}
