# what DEP012 says
output "dep012" {
  value = one([for rule in provider::pipeline::rules() : rule.statement if rule.id == "DEP012"])
}
