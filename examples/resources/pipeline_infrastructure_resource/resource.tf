resource "pipeline_environment" "production" {
  name              = "production"
  is_production     = true
  requires_approval = true
}

# A service on AWS, with the tags that the provider's `required_tags` ask for.
resource "pipeline_infrastructure_resource" "web" {
  cloud       = "aws"
  type        = "aws_ecs_service"
  name        = "web"
  region      = "eu-west-1"
  environment = pipeline_environment.production.name
  tags = {
    Environment = "production"
    Project     = "shop"
  }
  review = {
    reviewed_by = "bob"
    reviewed_at = "2026-01-15T10:00:00Z"
    reference   = "https://github.com/example/shop/pull/7"
  }
}

# A web app on Azure, and the plan that it needs.
resource "pipeline_infrastructure_resource" "plan" {
  cloud       = "azure"
  type        = "AppServicePlan"
  name        = "plan-shop-prod"
  region      = "westeurope"
  environment = pipeline_environment.production.name
  review = {
    reviewed_by = "bob"
    reviewed_at = "2026-01-15T10:00:00Z"
    reference   = "https://github.com/example/shop/pull/7"
  }
}

resource "pipeline_infrastructure_resource" "app" {
  cloud         = "azure"
  type          = "AppService"
  name          = "app-shop-prod"
  resource_id   = "/subscriptions/5f0f7a4c-6f0c-4b1e-9d51-0e8f2c9b7a11/resourceGroups/shop/providers/Microsoft.Web/sites/app-shop-prod"
  region        = "westeurope"
  environment   = pipeline_environment.production.name
  configuration = jsonencode({ httpsOnly = true })
  references    = [pipeline_infrastructure_resource.plan.id]
  review = {
    reviewed_by = "bob"
    reviewed_at = "2026-01-15T10:00:00Z"
    reference   = "https://github.com/example/shop/pull/7"
  }
}
