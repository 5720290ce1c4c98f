# The root project, by the environment alone.
terraform import pipeline_deployment.root staging

# A sub-project, by the environment and its path.
terraform import pipeline_deployment.staging staging/api

# A sub-project in one region, by that region too.
terraform import pipeline_deployment.regional staging/api@eu-west
