# "2025-10-20T14:30:45Z"
output "began" {
  value = provider::pipeline::parse_run_id("run-20251020-143045-k8m3q2").started_at
}
