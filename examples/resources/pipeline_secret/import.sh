# By the environment and the name of the secret.
terraform import pipeline_secret.database production/DatabaseConnectionString
