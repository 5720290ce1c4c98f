# By the name of the tag.
terraform import pipeline_version_tag.release api/v1.4.0
