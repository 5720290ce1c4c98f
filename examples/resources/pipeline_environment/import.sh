# By the name of the environment.
terraform import pipeline_environment.production production
