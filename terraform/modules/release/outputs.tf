output "tags" {
  description = "Tag of each version that this module cut."
  value       = local.tags
}

output "commits" {
  description = "Commit of each version that this module cut."
  value       = local.commits
}

output "running" {
  description = "What each environment of `promote` runs, with the path of the service."
  value       = { for environment, promotion in pipeline_deployment.promotion : environment => promotion.version }
}
