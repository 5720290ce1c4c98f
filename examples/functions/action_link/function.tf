# "gh workflow run rollback.yml --repo example/shop -f environment=production"
output "go_back" {
  value = provider::pipeline::action_link("example/shop", "rollback", { environment = "production" }, "Roll back production").command
}
