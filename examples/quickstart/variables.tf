variable "repository" {
  description = "Path of the git repository; else the one around this directory."
  type        = string
  default     = null
}

variable "releases" {
  description = "Version tags to make, each with the commit it names."
  type        = map(string)
}

variable "staging" {
  description = "Version that staging runs."
  type        = string
}

variable "production" {
  description = "Version that production runs."
  type        = string
}

variable "approval" {
  description = "Who approved what production runs."
  type = object({
    approved_by = string
    approved_at = string
    reference   = string
  })
}

variable "health_url" {
  description = "Address that answers 200 when staging is healthy; null to go without."
  type        = string
  default     = null
}

variable "workflow_run_id" {
  description = "Run of the CI system that deploys."
  type        = string
  default     = "1"
}
