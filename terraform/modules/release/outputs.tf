output "tags" {
  description = "Tag of each version that this module cut."
  value       = local.tags

  # A tag is never made anew: with a misspelt version its message would be lost.
  precondition {
    condition     = length(setsubtract(keys(var.notes), keys(var.versions))) == 0
    error_message = "`notes` are of versions that `versions` names."
  }
}

output "commits" {
  description = "Commit of each version that this module cut."
  value       = local.commits
}

output "running" {
  description = "What each environment of `promote` runs, with the path of the service."
  value       = { for environment, promotion in pipeline_deployment.promotion : environment => promotion.version }

  precondition {
    condition     = length(setsubtract(concat(keys(var.approvals), tolist(var.rollback)), keys(var.promote))) == 0
    error_message = "`approvals` and `rollback` name environments of `promote`."
  }
}
