# The state of another configuration, in S3.
data "pipeline_terraform_state" "network" {
  backend   = "s3"
  workspace = "production"

  backend_config = {
    bucket       = "example-terraform-states"
    key          = "network/terraform.tfstate"
    region       = "eu-west-1"
    use_lockfile = true
  }
}

# A state on this machine.
data "pipeline_terraform_state" "local" {
  backend        = "local"
  backend_config = { path = "../network/terraform.tfstate" }
}

output "vpc_id" {
  value = data.pipeline_terraform_state.network.outputs.vpc_id
}
