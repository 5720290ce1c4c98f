# "team/api"
output "project" {
  value = provider::pipeline::parse_version("team/api/v1.2.3-rc.1").sub_project_path
}
