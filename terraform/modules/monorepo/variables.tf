variable "services" {
  description = "Version of each service in each environment, by the path of the service: `{ api = { staging = \"v1.5.0\", production = \"v1.4.0\" } }`."
  type        = map(map(string))

  validation {
    condition = alltrue(flatten([
      for versions in values(var.services) : [
        for version in values(versions) : can(regex("^v[0-9]+\\.[0-9]+\\.[0-9]+(-[0-9A-Za-z.-]+)?$", version))
      ]
    ]))
    error_message = "A version is written `v1.4.0`; the path of the service is its key in the map."
  }
}

variable "environments" {
  description = "Environments to register, by name, each with arguments of the module `environment`, or `{}`. Others are registered elsewhere."
  type        = any
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for environment in values(var.environments) : length(setsubtract(keys(environment), [
        "is_production", "approvals", "approvers", "approvals_valid_for", "approvals_allow_trigger",
        "allowed_signers", "freezes", "freeze_windows", "timezone", "after", "after_match", "after_condition", "soak",
        "concurrency", "supersede_queued", "regions", "account", "aws_region", "config_path", "secrets_file", "tags",
      ])) == 0
    ])
    error_message = "An environment has arguments of the module `environment`, such as `approvals`, `after`, `soak` or `freezes`."
  }
}

variable "ecs" {
  description = "Service of Amazon ECS for each place, with placeholders: `{ cluster = \"{environment}\", service = \"{name}\", container = \"app\", image = \"registry.example.org/{name}:{number}\" }`."
  type = object({
    cluster       = string
    service       = string
    container     = string
    image         = string
    environment   = optional(map(string))
    secrets       = optional(map(string))
    timeout       = optional(string)
    poll_interval = optional(string)
  })
  default = null
}

variable "command" {
  description = "Programs that bring a version into service, with placeholders, in place of `ecs`: `{ deploy = [\"bin/deploy\", \"{service}\", \"{environment}\"] }`."
  type = object({
    deploy            = list(string)
    verify            = optional(list(string))
    restore           = optional(list(string))
    environment       = optional(map(string))
    working_directory = optional(string)
    timeout           = optional(string)
  })
  default = null
}

variable "health_check" {
  description = "HTTP check for each place, with placeholders: `{ url = \"https://{name}.{environment}.example.com/health\" }`."
  type = object({
    url             = string
    expected_status = optional(number)
    expected_body   = optional(string)
    interval        = optional(string)
    retries         = optional(number)
    attempt_timeout = optional(string)
    timeout         = optional(string)
  })
  default = null
}

variable "rollback" {
  description = "Places where a lower version may replace the one that runs, such as `api/production`."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "approvals" {
  description = "Approvals for each place, such as `api/production`, that asks for some. What people record by a `pipeline_approval` counts without being named here."
  type = map(list(object({
    approved_by = string
    approved_at = optional(string)
    reference   = optional(string)
    commit_sha  = optional(string)
  })))
  default  = {}
  nullable = false
}

variable "on_busy" {
  description = "What to do while somebody else deploys to the environment: `wait` in the queue, or `fail`."
  type        = string
  default     = "wait"
  nullable    = false

  validation {
    condition     = contains(["wait", "fail"], var.on_busy)
    error_message = "`on_busy` is `wait` or `fail`."
  }
}

variable "wait_timeout" {
  description = "How long to wait in the queue, such as `1h`; half an hour where absent."
  type        = string
  default     = null
}
