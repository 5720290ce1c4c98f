# By the URI of the object: bucket, full commit and path.
terraform import pipeline_artifact.api s3://acme-artifacts/3f1c2d4e5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c0d/api/build.zip
