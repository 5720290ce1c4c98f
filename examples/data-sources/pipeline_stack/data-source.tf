data "pipeline_stack" "app" {
  stack_name = "AppStack"
  region     = "eu-west-1"
}

output "api_url" {
  value = data.pipeline_stack.app.stack_outputs["ApiUrl"]

  precondition {
    condition     = data.pipeline_stack.app.success == true
    error_message = coalesce(data.pipeline_stack.app.error_message, "The stack has no result yet.")
  }
}
