output "running" {
  description = "Version of each service in each environment, as `services` has them, once they are in service."
  value = {
    for service, versions in var.services : service => {
      for environment, version in versions : environment =>
      trimprefix(module.service["${service}/${environment}"].version, "${service}/")
    }
  }
}

output "deployments" {
  description = "ID of the deployment at each place, such as `api/staging`."
  value       = { for place, deployment in module.service : place => deployment.deployment_id }

  precondition {
    condition     = length(setsubtract(concat(keys(var.approvals), tolist(var.rollback)), keys(local.places))) == 0
    error_message = "`approvals` and `rollback` name places such as `api/staging`, of `services`."
  }
}
