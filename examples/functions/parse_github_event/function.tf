variable "event_path" {
  type        = string
  description = "The file that GITHUB_EVENT_PATH names in a workflow."
}

# "refs/heads/main"
output "branch" {
  value = provider::pipeline::parse_github_event(file(var.event_path)).branch
}
