# "2026-01-18T14:30:45Z"
output "kept_until" {
  value = provider::pipeline::retention_until("run", "success", "2025-10-20T14:30:45Z")
}
