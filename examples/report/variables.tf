variable "repository" {
  description = "Path of the git repository; else the one around this directory."
  type        = string
  default     = null
}

variable "github" {
  description = "Owner and name of the repository on GitHub."
  type        = string
}

variable "run" {
  description = "What CI knows of its run."
  type = object({
    id           = string
    commit_sha   = string
    started_at   = string
    completed_at = string
  })
}

variable "worker" {
  description = "Version of the worker project that staging runs."
  type        = string
}
