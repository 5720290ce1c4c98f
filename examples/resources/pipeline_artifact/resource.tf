# A package that CI built from the commit it checked out. It is uploaded once to
# s3://acme-artifacts/<commit>/api/build.zip, and never over another object.
resource "pipeline_artifact" "api" {
  bucket        = "acme-artifacts"
  ref           = "HEAD"
  source        = "${path.module}/dist/build.zip"
  path          = "api/build.zip"
  artifact_type = "package"
}

# A layer that the same apply builds: the file is looked for when it is uploaded.
resource "terraform_data" "layer" {
  input = "layer.zip"

  provisioner "local-exec" {
    command = "make -C ${path.module}/layer ${self.input}"
  }
}

resource "pipeline_artifact" "layer" {
  bucket         = "acme-artifacts"
  ref            = "HEAD"
  source         = "${path.module}/layer/${terraform_data.layer.output}"
  path           = "layer.zip"
  artifact_type  = "lambda-layer"
  retention_days = 30
}
