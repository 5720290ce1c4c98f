# The root project, by the environment alone.
terraform import pipeline_deployment.root staging

# A sub-project, by the environment and its path.
terraform import pipeline_deployment.staging staging/api
