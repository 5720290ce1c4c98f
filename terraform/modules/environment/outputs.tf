output "name" {
  description = "Name of the environment, once it is registered: give it to what deploys there."
  value       = pipeline_environment.this.name
}

output "requires_approval" {
  description = "Whether a deployment needs an approval."
  value       = pipeline_environment.this.requires_approval
}

output "registered_at" {
  description = "When it was registered, in UTC."
  value       = pipeline_environment.this.registered_at
}
