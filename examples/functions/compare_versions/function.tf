# -1: a pre-release comes before its release.
output "order" {
  value = provider::pipeline::compare_versions("v1.0.0-rc.2", "v1.0.0")
}
