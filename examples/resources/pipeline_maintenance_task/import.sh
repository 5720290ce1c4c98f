# By the ID of the task. Nothing is run.
terraform import pipeline_maintenance_task.audit maint-20251121-140000-security-audit-k8m3q2
