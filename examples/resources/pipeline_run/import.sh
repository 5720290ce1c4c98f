# By the name of the pipeline and the ID of the run; by the name alone, the newest run.
terraform import pipeline_run.this production-deploy/run-20251020-143045-k8m3q2
