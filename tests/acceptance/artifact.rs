//! `pipeline_artifact`: files in S3 under their commits, stored once and known by their SHA-256.

use std::path::PathBuf;
use std::process::Command;

use pipeline_acceptance::aws::{Account, LocalAws};
use pipeline_acceptance::command;
use pipeline_acceptance::diagnostic::{Diagnostic, Run};
use pipeline_acceptance::scene::Scene;
use pipeline_acceptance::terraform::Feature;
use pipeline_acceptance::workspace::Workspace;
use pipeline_acceptance::{Failure, Outcome};

const ADDRESS: &str = "pipeline_artifact.this";
const FILE: &str = "build.zip";

/// A repository, a workspace that is logged in to an account of AWS, and a bucket there.
pub(crate) struct Stage {
    pub(crate) scene: Scene,
    pub(crate) account: Account,
    pub(crate) bucket: String,
}

impl Stage {
    /// With a bucket as the rules want it.
    pub(crate) fn set() -> Outcome<Self> {
        Self::on(Scene::local()?)
    }

    /// The same in a scene of which something was asked before AWS is needed.
    pub(crate) fn on(scene: Scene) -> Outcome<Self> {
        let stage = Self::with_plain_bucket(scene)?;
        stage.account.keep_versions(&stage.bucket)?;
        stage.expire_after(90)?;
        Ok(stage)
    }

    /// With a bucket that was only just made.
    fn with_plain_bucket(mut scene: Scene) -> Outcome<Self> {
        let account = LocalAws::fresh_account()?;
        account.log_in(&mut scene.workspace.environment);
        let bucket = account.bucket("artifacts")?;
        let stage = Self { scene, account, bucket };
        stage.connect(stage.account.endpoint())?;
        stage.build(b"first build")?;
        Ok(stage)
    }

    /// Reaches AWS at this endpoint from now on.
    pub(crate) fn connect(&self, endpoint: &str) -> Outcome {
        let settings = self.aws_settings(endpoint);
        self.workspace().configure(&self.scene.repository.path(), &settings)
    }

    /// The lines of the provider block that lead there.
    fn aws_settings(&self, endpoint: &str) -> String {
        let region = self.account.region();
        format!("  aws = {{ region = \"{region}\", endpoint_url = \"{endpoint}\" }}\n")
    }

    fn expire_after(&self, days: u32) -> Outcome {
        let rule = format!(
            "<LifecycleConfiguration><Rule><ID>all</ID><Status>Enabled</Status>\
             <Filter><Prefix></Prefix></Filter><Expiration><Days>{days}</Days></Expiration></Rule>\
             </LifecycleConfiguration>"
        );
        let sent = self.account.s3("PUT", &self.path("?lifecycle"), &[], rule.as_bytes())?;
        sent.success("PutBucketLifecycleConfiguration").map(drop)
    }

    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/{}{rest}", self.bucket)
    }

    pub(crate) fn workspace(&self) -> &Workspace {
        &self.scene.workspace
    }

    fn file(&self) -> PathBuf {
        self.workspace().directory.join(FILE)
    }

    /// Writes the built file.
    pub(crate) fn build(&self, bytes: &[u8]) -> Outcome {
        Ok(std::fs::write(self.file(), bytes)?)
    }

    fn sha256(&self) -> Outcome<String> {
        let said = command::run(Command::new("sha256sum").arg(self.file()))?.success()?;
        let digest = said.stdout.split(' ').next().unwrap_or_default();
        Ok(digest.to_owned())
    }

    pub(crate) fn key(&self) -> Outcome<String> {
        Ok(format!("{}/{FILE}", self.scene.repository.head()?))
    }

    fn uri(&self) -> Outcome<String> {
        Ok(format!("s3://{}/{}", self.bucket, self.key()?))
    }

    /// The resource, with further lines.
    pub(crate) fn hcl(&self, lines: &str) -> String {
        format!(
            "resource \"pipeline_artifact\" \"this\" {{\n  bucket = \"{}\"\n  ref = \"HEAD\"\n  \
             source = \"{FILE}\"\n  artifact_type = \"package\"\n{lines}\n}}\n",
            self.bucket
        )
    }

    fn settle(&self) -> Outcome<Run> {
        self.workspace().settle(&self.hcl(""))
    }

    pub(crate) fn records(&self) -> Outcome<Vec<serde_json::Value>> {
        let records = self.scene.repository.records("refs/ledger/artifacts/")?;
        Ok(records.into_values().collect())
    }

    /// How many versions the object at the artifact's key has.
    pub(crate) fn versions(&self) -> Outcome<usize> {
        let told = self.account.s3("GET", &self.path("?versions"), &[], &[])?;
        let told = told.success("ListObjectVersions")?.text();
        Ok(told.matches(&format!("<Key>{}</Key>", self.key()?)).count())
    }

    fn delete_version(&self, version: &str) -> Outcome {
        let path = self.path(&format!("/{}?versionId={version}", self.key()?));
        self.account.s3("DELETE", &path, &[], &[])?.success("DeleteObject").map(drop)
    }

    fn action(run: &Run) -> Option<String> {
        run.actions().get(ADDRESS).cloned()
    }
}

/// What the provider said; Terraform itself says that this one is under development.
fn said(run: &Run) -> Vec<Diagnostic> {
    let all = run.diagnostics().into_iter();
    all.filter(|one| one.summary != "Provider development overrides are in effect").collect()
}

fn silent(run: &Run) -> Outcome {
    if said(run).is_empty() { Ok(()) } else { Err(run.failure("nothing should have been said")) }
}

#[test]
fn a_file_is_uploaded_under_its_commit_and_recorded() -> Outcome {
    let stage = Stage::set()?;
    let run = stage.settle()?;
    silent(&run)?;
    let known = stage.workspace().attributes(ADDRESS)?;
    assert_eq!(known["commit_sha"], stage.scene.repository.head()?);
    assert_eq!(known["key"], stage.key()?);
    assert_eq!(known["s3_uri"], stage.uri()?);
    assert_eq!(known["checksum"], stage.sha256()?);
    assert_eq!(known["size_bytes"], 11);
    assert_eq!(known["content_type"], "application/zip");
    assert!(known["version_id"].is_string() && known["uploaded_at"].is_string(), "{known}");
    assert_eq!(stage.account.get(&stage.bucket, &stage.key()?)?, b"first build");
    let records = stage.records()?;
    let [record] = &records[..] else {
        return Err(Failure::new(format!("one record, not {records:?}")));
    };
    let artifact = &record["artifact"];
    assert_eq!(artifact["s3_path"], stage.uri()?);
    assert_eq!(artifact["checksum"], stage.sha256()?);
    assert_eq!(artifact["artifact_type"], "package");
    assert_eq!(artifact["timestamp"], known["uploaded_at"]);
    assert_eq!(record["recorded_by"], "Ada Example");
    Ok(())
}

#[test]
fn a_plan_knows_the_checksum_and_looks_without_writing() -> Outcome {
    let stage = Stage::set()?;
    stage.workspace().main(&stage.hcl(""))?;
    stage.workspace().plan(&["-out=saved"])?.ok()?;
    let shown = stage.workspace().run("show", &["-json", "saved"])?.success()?.stdout;
    assert!(shown.contains(&stage.sha256()?), "{shown}");
    assert!(stage.account.get(&stage.bucket, &stage.key()?).is_err());
    stage.workspace().apply(&["saved"])?.ok()?;
    stage.workspace().plan(&[])?.unchanged().map(drop)
}

#[test]
fn a_large_file_goes_in_parts_and_is_known_again() -> Outcome {
    let stage = Stage::set()?;
    let bytes: Vec<u8> = (0..20_u32 << 18).flat_map(u32::to_le_bytes).collect();
    stage.build(&bytes)?;
    stage.settle()?;
    let known = stage.workspace().attributes(ADDRESS)?;
    assert_eq!(known["checksum"], stage.sha256()?);
    assert_eq!(known["size_bytes"], 20 << 20);
    assert!(known["s3_checksum"].as_str().is_some_and(|it| it.ends_with("=-3")), "{known}");
    assert!(stage.account.get(&stage.bucket, &stage.key()?)? == bytes, "S3 holds other bytes");
    let open = stage.account.s3("GET", &stage.path("?uploads"), &[], &[])?.text();
    assert!(!open.contains("<Upload>"), "{open}");
    stage.workspace().run("state", &["rm", ADDRESS])?.success()?;
    stage.settle().map(drop)
}

#[test]
fn an_object_with_the_same_bytes_is_taken_for_the_artifact() -> Outcome {
    let stage = Stage::set()?;
    stage.account.put(&stage.bucket, &stage.key()?, b"first build")?;
    let run = stage.settle()?;
    silent(&run)?;
    let known = stage.workspace().attributes(ADDRESS)?;
    assert_eq!(known["checksum"], stage.sha256()?);
    assert_eq!(stage.versions()?, 1);
    assert_eq!(stage.records()?.len(), 1);
    Ok(())
}

#[test]
fn an_object_with_other_bytes_is_refused_at_plan_and_stays() -> Outcome {
    let stage = Stage::set()?;
    stage.account.put(&stage.bucket, &stage.key()?, b"somebody else's")?;
    stage.workspace().main(&stage.hcl(""))?;
    let told = stage.workspace().plan(&[])?.refused("OWN020")?;
    told.at("source")?.says(&stage.sha256()?)?;
    let theirs = stage.account.get(&stage.bucket, &stage.key()?)?;
    std::fs::write(stage.file(), &theirs)?;
    told.says(&stage.sha256()?)?;
    assert!(stage.records()?.is_empty());
    Ok(())
}

#[test]
fn a_file_that_changed_belongs_to_another_commit() -> Outcome {
    let stage = Stage::set()?;
    stage.settle()?;
    let (first, key) = (stage.sha256()?, stage.key()?);
    stage.build(b"second build")?;
    let told = stage.workspace().plan(&[])?.refused("OWN020")?;
    told.at("source")?.says(&first)?.says(&stage.sha256()?)?;
    stage.scene.repository.commit("Go on")?;
    let plan = stage.workspace().plan(&[])?.ok()?;
    assert_eq!(Stage::action(&plan).as_deref(), Some("replace"));
    stage.workspace().apply(&[])?.ok()?.warned("The artifact stays in S3")?.says(&key)?;
    stage.workspace().plan(&[])?.unchanged()?;
    assert_eq!(stage.account.get(&stage.bucket, &key)?, b"first build");
    assert_eq!(stage.account.get(&stage.bucket, &stage.key()?)?, b"second build");
    assert_eq!(stage.records()?.len(), 2);
    Ok(())
}

#[test]
fn once_uploaded_the_file_need_not_be_there() -> Outcome {
    let stage = Stage::set()?;
    stage.settle()?;
    std::fs::remove_file(stage.file())?;
    stage.workspace().plan(&[])?.unchanged()?;
    stage.scene.repository.commit("Go on")?;
    stage.workspace().plan(&[])?.refused("The file is not there")?.at("source").map(drop)
}

#[test]
fn a_missing_file_is_told_at_plan() -> Outcome {
    let stage = Stage::set()?;
    std::fs::remove_file(stage.file())?;
    stage.workspace().main(&stage.hcl(""))?;
    stage.workspace().plan(&[])?.refused("The file is not there")?.says("source_hash")?;
    std::fs::create_dir(stage.file())?;
    stage.workspace().plan(&[])?.refused("not a plain file")?;
    // A plan that opened it would wait for somebody who writes.
    std::fs::remove_dir(stage.file())?;
    assert!(Command::new("mkfifo").arg(stage.file()).status()?.success());
    stage.workspace().plan(&[])?.refused("a named pipe")?.at("source").map(drop)
}

#[test]
fn a_file_that_the_same_apply_builds_is_uploaded() -> Outcome {
    let stage = Stage::set()?;
    stage.build(b"built")?;
    let hash = stage.sha256()?;
    std::fs::remove_file(stage.file())?;
    let builder = format!(
        "resource \"terraform_data\" \"build\" {{\n  input = \"{hash}\"\n  provisioner \"local-exec\" {{\n    \
         command = \"printf built > {FILE}\"\n  }}\n}}\n"
    );
    let lines = "  source_hash = terraform_data.build.output";
    stage.workspace().settle(&[builder, stage.hcl(lines)].concat())?;
    assert_eq!(stage.account.get(&stage.bucket, &stage.key()?)?, b"built");
    Ok(())
}

#[test]
fn a_file_whose_name_is_not_known_yet_is_uploaded() -> Outcome {
    let stage = Stage::set()?;
    let build = format!("resource \"terraform_data\" \"build\" {{\n  input = \"{FILE}\"\n}}\n");
    let hcl = stage.hcl("").replace(&format!("\"{FILE}\""), "terraform_data.build.output");
    stage.workspace().settle(&[build, hcl].concat())?;
    assert_eq!(stage.workspace().attributes(ADDRESS)?["key"], stage.key()?);
    Ok(())
}

#[test]
fn a_file_with_another_hash_than_asked_for_is_refused() -> Outcome {
    let stage = Stage::set()?;
    let hash = "0a".repeat(32);
    stage.workspace().main(&stage.hcl(&format!("  source_hash = \"{hash}\"")))?;
    stage.workspace().plan(&[])?.refused("ART003")?.says(&hash)?.says(&stage.sha256()?).map(drop)
}

#[test]
fn a_file_that_changes_between_plan_and_apply_is_not_uploaded() -> Outcome {
    let stage = Stage::set()?;
    stage.workspace().main(&stage.hcl(""))?;
    stage.workspace().plan(&["-out=saved"])?.ok()?;
    stage.build(b"another build")?;
    let run = stage.workspace().apply(&["saved"])?;
    assert_eq!(run.said.code, Some(1));
    assert!(stage.account.get(&stage.bucket, &stage.key()?).is_err());
    Ok(())
}

#[test]
fn destroying_keeps_the_object_and_the_record() -> Outcome {
    let stage = Stage::set()?;
    stage.settle()?;
    stage.workspace().destroy()?.ok()?.warned("The artifact stays in S3")?.says(&stage.uri()?)?;
    assert_eq!(stage.account.get(&stage.bucket, &stage.key()?)?, b"first build");
    assert_eq!(stage.records()?.len(), 1);
    stage.settle().map(drop)
}

#[test]
fn an_overwritten_object_is_shown_and_never_overwritten_back() -> Outcome {
    let stage = Stage::set()?;
    stage.settle()?;
    let own = stage.workspace().attributes(ADDRESS)?["checksum"].clone();
    stage.account.put(&stage.bucket, &stage.key()?, b"tampered")?;
    for _ in 0..2 {
        let plan = stage.workspace().plan(&[])?;
        plan.warned("changed outside Terraform")?.says(own.as_str().unwrap_or_default())?;
        plan.refused("OWN020")?.says(own.as_str().unwrap_or_default())?;
        stage.workspace().apply(&["-refresh-only"])?.ok()?;
    }
    assert_eq!(stage.account.get(&stage.bucket, &stage.key()?)?, b"tampered");
    let changed = stage.workspace().attributes(ADDRESS)?;
    stage.delete_version(changed["version_id"].as_str().unwrap_or_default())?;
    stage.workspace().apply(&["-refresh-only"])?.ok()?;
    assert_eq!(stage.workspace().attributes(ADDRESS)?["checksum"], own);
    stage.workspace().plan(&[])?.unchanged().map(drop)
}

#[test]
fn the_same_bytes_written_again_are_no_change() -> Outcome {
    let stage = Stage::set()?;
    stage.settle()?;
    stage.account.put(&stage.bucket, &stage.key()?, b"first build")?;
    for _ in 0..2 {
        let plan = stage.workspace().plan(&[])?.unchanged()?;
        silent(&plan)?;
        stage.workspace().apply(&["-refresh-only"])?.ok()?;
    }
    Ok(())
}

#[test]
fn a_deleted_object_is_uploaded_again() -> Outcome {
    let stage = Stage::set()?;
    stage.settle()?;
    let path = stage.path(&format!("/{}", stage.key()?));
    stage.account.s3("DELETE", &path, &[], &[])?.success("DeleteObject")?;
    let plan = stage.workspace().plan(&[])?.ok()?;
    plan.warned("deleted outside Terraform")?;
    assert_eq!(Stage::action(&plan).as_deref(), Some("create"));
    stage.workspace().apply(&[])?.ok()?;
    assert_eq!(stage.account.get(&stage.bucket, &stage.key()?)?, b"first build");
    stage.workspace().plan(&[])?.unchanged().map(drop)
}

#[test]
fn an_object_that_expired_is_no_drift() -> Outcome {
    let stage = Stage::set()?;
    stage.settle()?;
    let uploaded = stage.workspace().attributes(ADDRESS)?["uploaded_at"].clone();
    let uploaded = uploaded.as_str().unwrap_or_default().to_owned();
    let aged = stage.workspace().state_text()?.replace(&uploaded, "2020-01-01T00:00:00Z");
    stage.workspace().write("terraform.tfstate", &aged)?;
    let path = stage.path(&format!("/{}", stage.key()?));
    stage.account.s3("DELETE", &path, &[], &[])?.success("DeleteObject")?;
    stage.workspace().plan(&[])?.unchanged()?.warned("The artifact expired").map(drop)
}

#[test]
fn a_lost_record_is_written_again() -> Outcome {
    let stage = Stage::set()?;
    stage.settle()?;
    let mut refs = stage.scene.repository.refs()?.into_keys();
    let name = refs.find(|name| name.starts_with("refs/ledger/artifacts/"));
    stage.scene.repository.git(&["update-ref", "-d", &name.ok_or("no record")?])?;
    let plan = stage.workspace().plan(&[])?.ok()?;
    plan.warned("not in the ledger")?;
    assert_eq!(Stage::action(&plan).as_deref(), Some("update"));
    stage.workspace().apply(&[])?.ok()?;
    assert_eq!(stage.records()?.len(), 1);
    silent(&stage.workspace().plan(&[])?.unchanged()?)
}

#[test]
fn the_type_changes_in_place() -> Outcome {
    let stage = Stage::set()?;
    stage.settle()?;
    let hcl = stage.hcl("").replace("package", "lambda-layer");
    stage.workspace().main(&hcl)?;
    let plan = stage.workspace().plan(&[])?.ok()?;
    assert_eq!(Stage::action(&plan).as_deref(), Some("update"));
    stage.workspace().apply(&[])?.ok()?;
    stage.workspace().plan(&[])?.unchanged()?;
    assert_eq!(stage.records()?[0]["artifact"]["artifact_type"], "lambda-layer");
    Ok(())
}

#[test]
fn arguments_are_checked_at_validate() -> Outcome {
    let stage = Stage::set()?;
    let hcl = stage.hcl("  path = \"../x\"\n  retention_days = 0");
    let hcl = hcl.replace(&stage.bucket, "s3://Bucket").replace("package", "A Package");
    stage.workspace().main(&hcl)?;
    let run = stage.workspace().validate()?;
    run.refused("OWN021")?.at("bucket")?;
    run.refused("ART002")?.at("path")?;
    run.refused("OWN022")?.at("artifact_type")?;
    run.refused("ART004")?.at("retention_days").map(drop)
}

#[test]
fn what_a_bucket_lacks_is_a_warning_once() -> Outcome {
    let stage = Stage::with_plain_bucket(Scene::local()?)?;
    let second = stage.hcl("  path = \"second.zip\"").replace("\"this\"", "\"second\"");
    stage.workspace().main(&[stage.hcl(""), second].concat())?;
    let plan = stage.workspace().plan(&[])?.ok()?;
    plan.warned("ART004")?.says(&stage.bucket)?;
    plan.warned("without versioning")?;
    plan.warned("expires artifacts after 90 days")?;
    assert_eq!(said(&plan).len(), 2, "{:?}", said(&plan));
    stage.account.keep_versions(&stage.bucket)?;
    stage.expire_after(30)?;
    let plan = stage.workspace().plan(&[])?.ok()?;
    plan.warned("after 30 days")?;
    assert_eq!(said(&plan).len(), 1, "{:?}", said(&plan));
    stage.workspace().main(&stage.hcl("  retention_days = 30"))?;
    silent(&stage.workspace().plan(&[])?.ok()?)?;
    stage.workspace().apply(&[])?.ok()?;
    silent(&stage.workspace().plan(&[])?.unchanged()?)
}

#[test]
fn a_bucket_with_a_kms_key_is_warned_of_and_its_checksums_are_right() -> Outcome {
    let stage = Stage::set()?;
    let rule = "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
                <SSEAlgorithm>aws:kms</SSEAlgorithm>\
                <KMSMasterKeyID>arn:aws:kms:eu-west-1:111122223333:key/1</KMSMasterKeyID>\
                </ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>";
    let sent = stage.account.s3("PUT", &stage.path("?encryption"), &[], rule.as_bytes())?;
    sent.success("PutBucketEncryption")?;
    stage.workspace().main(&stage.hcl(""))?;
    stage.workspace().apply(&[])?.ok()?.warned("aws:kms")?.says("ART004")?;
    assert_eq!(stage.workspace().attributes(ADDRESS)?["checksum"], stage.sha256()?);
    stage.workspace().plan(&[])?.unchanged().map(drop)
}

#[test]
fn a_bucket_that_is_not_there_is_a_warning_at_plan_and_an_error_at_apply() -> Outcome {
    let stage = Stage::set()?;
    let hcl = stage.hcl("").replace(&stage.bucket, "nobody-has-this-bucket");
    stage.workspace().main(&hcl)?;
    stage.workspace().plan(&[])?.ok()?.warned("nobody-has-this-bucket")?;
    let told = stage.workspace().apply(&[])?.refused("There is no such bucket")?;
    told.at("bucket")?.says("nobody-has-this-bucket").map(drop)
}

#[test]
fn without_credentials_a_plan_warns_and_an_apply_says_what_to_do() -> Outcome {
    let mut stage = Stage::set()?;
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        stage.scene.workspace.environment.set(name, "");
    }
    stage.workspace().main(&stage.hcl(""))?;
    stage.workspace().plan(&[])?.ok()?.warned("credentials")?;
    stage.workspace().apply(&[])?.refused("There are no AWS credentials").map(drop)
}

#[test]
fn imports_by_uri() -> Outcome {
    let stage = Stage::set()?;
    stage.settle()?;
    let before = stage.workspace().attributes(ADDRESS)?;
    stage.workspace().run("state", &["rm", ADDRESS])?.success()?;
    stage.workspace().import(ADDRESS, &stage.uri()?)?.success()?;
    let after = stage.workspace().attributes(ADDRESS)?;
    for name in ["checksum", "s3_checksum", "size_bytes", "uploaded_at", "artifact_type", "path"] {
        assert_eq!(after[name], before[name], "{name}");
    }
    let plan = stage.workspace().plan(&[])?.ok()?;
    assert_eq!(Stage::action(&plan).as_deref(), Some("update"));
    stage.workspace().apply(&[])?.ok()?;
    stage.workspace().plan(&[])?.unchanged().map(drop)
}

#[test]
fn imports_what_nobody_recorded() -> Outcome {
    let stage = Stage::set()?;
    stage.account.put(&stage.bucket, &stage.key()?, b"first build")?;
    stage.workspace().main(&stage.hcl(""))?;
    stage.workspace().import(ADDRESS, &stage.uri()?)?.success()?;
    assert_eq!(stage.workspace().attributes(ADDRESS)?["checksum"], stage.sha256()?);
    stage.workspace().apply(&[])?.ok()?;
    assert_eq!(stage.records()?[0]["artifact"]["artifact_type"], "package");
    stage.workspace().plan(&[])?.unchanged().map(drop)
}

#[test]
fn imports_by_identity() -> Outcome {
    let scene = Scene::local()?;
    if scene.workspace.terraform.lacks(Feature::Identity, "artifact::imports_by_identity") {
        return Ok(());
    }
    let stage = Stage::on(scene)?;
    stage.settle()?;
    stage.workspace().run("state", &["rm", ADDRESS])?.success()?;
    let import = format!(
        "import {{\n  to = {ADDRESS}\n  identity = {{ bucket = \"{}\", key = \"{}\" }}\n}}\n",
        stage.bucket,
        stage.key()?
    );
    stage.workspace().main(&[import, stage.hcl("")].concat())?;
    stage.workspace().apply(&[])?.ok()?;
    stage.workspace().plan(&[])?.unchanged().map(drop)
}

#[test]
fn importing_what_is_not_there_says_so() -> Outcome {
    let stage = Stage::set()?;
    stage.workspace().main(&stage.hcl(""))?;
    let said = stage.workspace().import(ADDRESS, &stage.uri()?)?;
    assert!(said.stderr.contains("There is no such artifact"), "{}", said.stderr);
    let said = stage.workspace().import(ADDRESS, "build.zip")?;
    assert!(said.stderr.contains("ART002"), "{}", said.stderr);
    Ok(())
}

#[test]
fn what_was_perhaps_meant_is_told() -> Outcome {
    let stage = Stage::set()?;
    stage.settle()?;
    let nearly = stage.uri()?.replace("build.zip", "built.zip");
    let other = stage.scene.second_workspace("other")?;
    let settings = stage.aws_settings(stage.account.endpoint());
    other.configure(&stage.scene.repository.path(), &settings)?;
    let import = format!("import {{\n  to = {ADDRESS}\n  id = \"{nearly}\"\n}}\n");
    other.main(&[import, stage.hcl("")].concat())?;
    let meant = format!("Did you mean `{}`?", stage.uri()?);
    other.plan(&[])?.refused("There is no such artifact")?.says(&meant)?;
    std::fs::copy(stage.file(), other.directory.join("built.zip"))?;
    other.main(&stage.hcl(""))?;
    other.plan(&[])?.refused("The file is not there")?.says("Did you mean `built.zip`?")?;
    Ok(())
}

#[test]
fn names_may_be_anything_that_a_key_may_be() -> Outcome {
    let stage = Stage::set()?;
    let path = "Grüße & more/a+b (1).tar.gz";
    stage.workspace().settle(&stage.hcl(&format!("  path = \"{path}\"")))?;
    let known = stage.workspace().attributes(ADDRESS)?;
    assert_eq!(known["key"], format!("{}/{path}", stage.scene.repository.head()?));
    assert_eq!(known["content_type"], "application/gzip");
    Ok(())
}

#[test]
fn an_archive_that_is_not_there_is_a_warning() -> Outcome {
    let stage = Stage::set()?;
    let with = |lines: &str| {
        let settings = format!("{}  archive = {{ {lines} }}\n", stage.account.block(""));
        stage.workspace().configure(&stage.scene.repository.path(), &settings)
    };
    stage.workspace().main(&stage.hcl(""))?;
    with("bucket = \"nobody-has-this-archive\"")?;
    let plan = stage.workspace().plan(&[])?.ok()?;
    plan.warned("The archive could not be reached")?.says("nobody-has-this-archive")?;
    with(&format!("bucket = \"{}\", prefix = \"archive/\"", stage.bucket))?;
    silent(&stage.workspace().plan(&[])?.ok()?)?;
    with("bucket = \"An Archive\", prefix = \"/x\"")?;
    let run = stage.workspace().validate()?;
    run.refused("OWN021")?;
    run.refused("At `archive.prefix`: Found \"/x\"; expected a prefix of keys").map(drop)
}
