# By the environment, the version and the person.
terraform import pipeline_approval.release production/api/v1.4.0/grace
