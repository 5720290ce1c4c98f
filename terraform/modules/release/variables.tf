variable "path" {
  description = "Path of the service in the repository; empty for the root project."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = !startswith(var.path, "/") && !endswith(var.path, "/")
    error_message = "The path has no slash at either end, such as `api` or `services/api`."
  }
}

variable "versions" {
  description = "Versions to cut, each with the ref that it is cut from: `{ \"v1.5.0\" = \"main\" }`. A tag that is there already needs an import, and null for its ref."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for version in keys(var.versions) : can(regex("^v[0-9]+\\.[0-9]+\\.[0-9]+(-[0-9A-Za-z.-]+)?$", version))])
    error_message = "A version is written `v1.4.0`; the path of the service goes into `path`."
  }
}

variable "notes" {
  description = "Message of a version's tag, for versions that have more to say than their name."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "stable" {
  description = "Versions that are marked as stable."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "unstable" {
  description = "Versions that are marked as unstable."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "deprecated" {
  description = "Versions that are marked as deprecated: nothing goes back to them."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "promote" {
  description = "Version that each environment runs: `{ staging = \"v1.5.0\", production = \"v1.4.0\" }`. Environments are registered elsewhere."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for version in values(var.promote) : can(regex("^v[0-9]+\\.[0-9]+\\.[0-9]+(-[0-9A-Za-z.-]+)?$", version))])
    error_message = "A version is written `v1.4.0`; the path of the service goes into `path`."
  }
}

variable "rollback" {
  description = "Environments in which a lower version may replace the one that runs."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "approvals" {
  description = "Approvals for each environment of `promote` that asks for some. What people record by a `pipeline_approval` counts without being named here."
  type = map(list(object({
    approved_by = string
    approved_at = optional(string)
    reference   = optional(string)
    commit_sha  = optional(string)
  })))
  default  = {}
  nullable = false
}
