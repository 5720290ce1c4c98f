variable "service" {
  description = "Path of the service in the repository; empty for the root project."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = !startswith(var.service, "/") && !endswith(var.service, "/")
    error_message = "The path has no slash at either end, such as `api` or `services/api`."
  }
}

variable "versions" {
  description = "Version for each environment, such as `{ staging = \"v1.4.0\" }`."
  type        = map(string)

  validation {
    condition     = alltrue([for version in values(var.versions) : can(regex("^v[0-9]+\\.[0-9]+\\.[0-9]+(-[0-9A-Za-z.-]+)?$", version))])
    error_message = "A version is written `v1.4.0`; the path of the service goes into `service`."
  }
}

variable "rollback" {
  description = "Environments in which a lower version may replace the one that runs."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "approvals" {
  description = "Approval for each environment that asks for one."
  type = map(object({
    approved_by = string
    approved_at = optional(string)
    reference   = optional(string)
    commit_sha  = optional(string)
  }))
  default  = {}
  nullable = false
}

variable "health_checks" {
  description = "Health check for each environment that has one."
  type = map(object({
    url             = string
    expected_status = optional(number, 200)
    interval        = optional(string, "2s")
    attempt_timeout = optional(string, "5s")
    timeout         = optional(string, "1m")
  }))
  default  = {}
  nullable = false
}
