data "pipeline_report" "this" {
  environments = ["staging", "production"]
}

output "report" {
  value = data.pipeline_report.this.html
}

# terraform output -raw summary >> "$GITHUB_STEP_SUMMARY"
output "summary" {
  value = data.pipeline_report.this.markdown
}
