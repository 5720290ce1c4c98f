# Everything that was ever released, of every sub-project.
data "pipeline_versions" "all" {}

output "projects" {
  value = data.pipeline_versions.all.sub_project_paths
}
