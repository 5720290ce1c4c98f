# Every environment that is registered.
list "pipeline_environment" "all" {
  provider = pipeline
}

# With all that is known of them, those that serve the public.
list "pipeline_environment" "public" {
  provider         = pipeline
  include_resource = true

  config {
    is_production = true
  }
}
