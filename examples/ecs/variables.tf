variable "repository" {
  description = "Path of the git repository; else the one around this directory."
  type        = string
  default     = null
}

variable "region" {
  description = "Region of the service."
  type        = string
  default     = "eu-west-1"
}

variable "aws_endpoint" {
  description = "Address of a local AWS; null for the real one."
  type        = string
  default     = null
}

variable "web" {
  description = "Version of the web project that staging runs."
  type        = string
}

variable "health_url" {
  description = "Address that answers 200 when the service is healthy; null to go without."
  type        = string
  default     = null
}

variable "allow_downgrade" {
  description = "Whether to go back to a lower version."
  type        = bool
  default     = false
}

variable "redeploy_after" {
  description = "Deployment after which the version stayed away, to deploy it all the same."
  type        = string
  default     = null
}
