variable "environment" {
  description = "Name of the environment."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", var.environment))
    error_message = "The name of an environment is lower-case letters, digits and single hyphens between them, such as `staging`."
  }
}

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

variable "release" {
  description = "Version to run, such as `v1.4.0`, without the path. Its tag exists, or the same apply makes it."
  type        = string

  validation {
    condition     = can(regex("^v[0-9]+\\.[0-9]+\\.[0-9]+(-[0-9A-Za-z.-]+)?$", var.release))
    error_message = "A release is written `v1.4.0`; the path of the service goes into `path`."
  }
}

variable "region" {
  description = "Region of the environment, where only one is meant."
  type        = string
  default     = null
}

variable "ecs" {
  description = "Service of Amazon ECS. In `image`, `{version}` stands for the release and `{number}` for it without the `v`."
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

  validation {
    condition     = var.ecs == null ? true : strcontains(var.ecs.image, ":") || strcontains(var.ecs.image, "@")
    error_message = "The image of `ecs` has a tag or a digest, such as `registry.example.org/api:{number}`."
  }
}

variable "command" {
  description = "Programs that bring the version into service, in place of `ecs`."
  type = object({
    deploy            = list(string)
    verify            = optional(list(string))
    restore           = optional(list(string))
    environment       = optional(map(string))
    working_directory = optional(string)
    timeout           = optional(string)
  })
  default = null

  validation {
    condition     = var.command == null ? true : length(var.command.deploy) > 0
    error_message = "`deploy` of `command` is a program and its arguments, such as `[\"bin/deploy\", \"api\"]`."
  }
}

variable "migrations" {
  description = "What runs before the version is brought into service, in this order."
  type = list(object({
    name             = string
    command          = list(string)
    rollback_command = optional(list(string))
    environment      = optional(map(string))
    timeout          = optional(string)
  }))
  default  = []
  nullable = false

  validation {
    condition     = length(var.migrations) == length(distinct(var.migrations[*].name))
    error_message = "Each migration has a name of its own."
  }
}

variable "health_check" {
  description = "HTTP check that decides whether the deployment succeeded."
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

  validation {
    condition     = var.health_check == null ? true : can(regex("^https?://", var.health_check.url))
    error_message = "The URL of `health_check` begins with `https://` or `http://`."
  }
}

variable "tests" {
  description = "Tests of the version in service, each a program with its arguments, and the JUnit reports that they write."
  type = object({
    commands    = list(list(string))
    junit       = optional(string)
    environment = optional(map(string))
    timeout     = optional(string)
  })
  default = null
}

variable "pass_environment" {
  description = "Names of variables of the run's environment that all commands get."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "approvals" {
  description = "Approvals, where the environment asks for some. What people record by a `pipeline_approval` counts without being named here."
  type = list(object({
    approved_by = string
    approved_at = optional(string)
    reference   = optional(string)
    commit_sha  = optional(string)
  }))
  default  = []
  nullable = false
}

variable "allow_downgrade" {
  description = "Whether a lower version may replace the one that runs: a rollback."
  type        = bool
  default     = false
  nullable    = false
}

variable "redeploy_after" {
  description = "ID of the deployment after which this version stays away, to deploy it all the same."
  type        = string
  default     = null
}

variable "reason" {
  description = "Why this version is deployed, for those who read the history."
  type        = string
  default     = null
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

variable "wait_for" {
  description = "What else to wait for in the queue: `freeze`, `soak`, `approval`. The apply holds the lock of the state meanwhile."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(setsubtract(var.wait_for, ["freeze", "soak", "approval"])) == 0
    error_message = "`wait_for` lists `freeze`, `soak` and `approval`."
  }
}

variable "policy" {
  description = "Registers the environment with this policy, by arguments of the module `environment`; `{}` for none of them. Left out, the environment is registered elsewhere."
  type        = any
  default     = null

  validation {
    condition = var.policy == null ? true : length(setsubtract(keys(var.policy), [
      "is_production", "approvals", "approvers", "approvals_valid_for", "approvals_allow_trigger",
      "allowed_signers", "freezes", "freeze_windows", "timezone", "after", "after_match", "after_condition", "soak",
      "concurrency", "supersede_queued", "regions", "account", "aws_region", "config_path", "secrets_file", "tags",
    ])) == 0
    error_message = "`policy` has arguments of the module `environment`, such as `approvals`, `after`, `soak` or `freezes`."
  }
}
