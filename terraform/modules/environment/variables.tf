variable "name" {
  description = "Name of the environment, whose folder is `environments/<name>`."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", var.name))
    error_message = "The name of an environment is lower-case letters, digits and single hyphens between them, such as `staging`."
  }
}

variable "is_production" {
  description = "Whether it serves the public. `production` and `prod` always do."
  type        = bool
  default     = null
}

variable "approvals" {
  description = "How many people approve a deployment. 0 asks for none; left out, production asks for one."
  type        = number
  default     = null

  validation {
    condition     = var.approvals == null ? true : var.approvals >= 0 && floor(var.approvals) == var.approvals
    error_message = "The number of approvals is a whole number, 0 or more."
  }
}

variable "approvers" {
  description = "Logins or addresses of those who may approve; anybody but the one who deploys, where it is empty."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "approvals_valid_for" {
  description = "For how long an approval is good, such as `72h` or `3d`; for ever where absent."
  type        = string
  default     = null

  validation {
    condition     = var.approvals_valid_for == null ? true : can(regex("^([0-9]+(d|h|m|s))+$", var.approvals_valid_for))
    error_message = "Approvals are good for a time such as `72h` or `3d`."
  }
}

variable "approvals_allow_trigger" {
  description = "Whether the person who triggers a deployment may be one of those who approve it."
  type        = bool
  default     = null
}

variable "allowed_signers" {
  description = "Whose key is whose, in lines of OpenSSH's `allowed_signers`. Where there are some, only signed approvals count."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "freezes" {
  description = "Times in which no deployment begins, once each, by what people call them: `{ \"Year end\" = { from = \"2026-12-20T18:00\", to = \"2027-01-03T08:00\" } }`."
  type = map(object({
    from = string
    to   = string
  }))
  default  = {}
  nullable = false
}

variable "freeze_windows" {
  description = "Times in which no deployment begins, every week, by what people call them: `{ \"No Fridays\" = { days = [\"fri\"], from = \"14:00\", to = \"24:00\" } }`."
  type = map(object({
    days = list(string)
    from = string
    to   = string
  }))
  default  = {}
  nullable = false

  validation {
    condition = alltrue([
      for window in var.freeze_windows :
      length(setsubtract(window.days, ["mon", "tue", "wed", "thu", "fri", "sat", "sun"])) == 0
    ])
    error_message = "Days are `mon`, `tue`, `wed`, `thu`, `fri`, `sat` and `sun`."
  }
}

variable "timezone" {
  description = "Zone of the clocks by which freezes are meant, by its name in the IANA database."
  type        = string
  default     = "UTC"
  nullable    = false
}

variable "after" {
  description = "Environments that a version goes through before it comes here."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.after) == length(distinct(var.after))
    error_message = "Each environment is named once in `after`."
  }
}

variable "after_match" {
  description = "How many of `after` have to have the version: `all` or `any`."
  type        = string
  default     = "all"
  nullable    = false

  validation {
    condition     = contains(["all", "any"], var.after_match)
    error_message = "`after_match` is `all` or `any`."
  }
}

variable "after_condition" {
  description = "What has to be true there: the version `succeeded`, or it is what is `running`."
  type        = string
  default     = "succeeded"
  nullable    = false

  validation {
    condition     = contains(["succeeded", "running"], var.after_condition)
    error_message = "`after_condition` is `succeeded` or `running`."
  }
}

variable "soak" {
  description = "How long a version runs in the environments of `after` before it comes here, such as `1h` or `2d12h`."
  type        = string
  default     = null

  validation {
    condition     = var.soak == null ? true : can(regex("^([0-9]+(d|h|m|s))+$", var.soak))
    error_message = "A soak is a time such as `1h` or `2d12h`."
  }
}

variable "concurrency" {
  description = "How many deployments to it are in progress at a time: one (`environment`), or one of each service (`sub_project`)."
  type        = string
  default     = null

  validation {
    condition     = var.concurrency == null ? true : contains(["environment", "sub_project"], var.concurrency)
    error_message = "`concurrency` is `environment` or `sub_project`."
  }
}

variable "supersede_queued" {
  description = "Whether a newer version cancels older ones of its service that wait in the queue."
  type        = bool
  default     = null
}

variable "regions" {
  description = "Regions, in order, with what each cloud calls them: `[{ name = \"eu-west\", cloud_mappings = { aws = \"eu-west-1\" } }]`."
  type = list(object({
    name           = string
    cloud_mappings = map(string)
  }))
  default  = []
  nullable = false
}

variable "account" {
  description = "AWS account to which it belongs: twelve digits."
  type        = string
  default     = null

  validation {
    condition     = var.account == null ? true : can(regex("^[0-9]{12}$", var.account))
    error_message = "An AWS account is twelve digits, in quotation marks."
  }
}

variable "aws_region" {
  description = "AWS region, such as `eu-west-1`."
  type        = string
  default     = null
}

variable "config_path" {
  description = "Folder of the environment, where it is not `environments/<name>`."
  type        = string
  default     = null
}

variable "secrets_file" {
  description = "File with its secrets, encrypted by SOPS, where it is not `secrets.enc` in its folder."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of its resources."
  type        = map(string)
  default     = {}
  nullable    = false
}
