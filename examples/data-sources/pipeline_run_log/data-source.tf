# The errors of the last run.
data "pipeline_run_log" "this" {
  path   = "../logs/ci.log"
  limit  = 20
  levels = ["error"]
}

# A log that cannot be read whole is told, and fails nothing.
check "log" {
  assert {
    condition = data.pipeline_run_log.this.counts.problems == 0
    error_message = join("\n", [
      for problem in data.pipeline_run_log.this.problems : "line ${problem.line}: ${problem.message}"
    ])
  }
}

output "errors" {
  value = data.pipeline_run_log.this.entries[*].message
}
