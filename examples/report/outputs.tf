output "audit" {
  description = "What came of the security audit."
  value       = pipeline_maintenance_task.audit.result_summary
}

output "run" {
  description = "The run that the report begins with."
  value       = pipeline_run.this.id
}

# terraform output -raw page > report.html
output "page" {
  description = "The report as a page; too long for a screen."
  value       = data.pipeline_report.this.html
  sensitive   = true
}
