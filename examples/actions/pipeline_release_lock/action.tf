# terraform apply -invoke=action.pipeline_release_lock.lost_runner
action "pipeline_release_lock" "lost_runner" {
  config {
    environment = "production"
    held_by     = "deploy-20251009-085320-abc123"
    reason      = "its runner was lost with the spot instance, INC-2041"
  }
}
