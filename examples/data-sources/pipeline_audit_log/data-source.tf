data "pipeline_audit_log" "recent" {
  limit = 20
}

output "overrides" {
  value = [
    for entry in data.pipeline_audit_log.recent.entries :
    "${entry.at} ${entry.actor}: ${entry.action}, because ${entry.reason}"
  ]
}
