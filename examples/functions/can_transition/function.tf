# false: a deployment that succeeded is over.
output "again" {
  value = provider::pipeline::can_transition("deployment", "succeeded", "queued")
}
