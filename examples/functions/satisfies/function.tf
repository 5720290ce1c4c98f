# true
output "fits" {
  value = provider::pipeline::satisfies("v1.2.3", ">= 1.2, < 2")
}
