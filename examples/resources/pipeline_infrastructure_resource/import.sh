# By cloud, type and name.
terraform import pipeline_infrastructure_resource.web aws/aws_ecs_service/web
