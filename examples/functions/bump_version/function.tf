# "api/v1.3.0"
output "next" {
  value = provider::pipeline::bump_version("api/v1.2.3", "minor")
}
