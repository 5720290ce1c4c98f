# "state", of version api/v1.2.3
output "kind" {
  value = provider::pipeline::parse_tag("api/v1.2.3-stable").tag_type
}
