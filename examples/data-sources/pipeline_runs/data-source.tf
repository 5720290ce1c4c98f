# The newest runs of one pipeline that failed.
data "pipeline_runs" "failed" {
  name   = "production-deploy"
  status = "failed"
  limit  = 5
}

output "failed" {
  value = { for run in data.pipeline_runs.failed.runs : run.run_id => run.exit_code }
}
