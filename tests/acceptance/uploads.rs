//! Uploads that are cut off in the middle: nothing is half stored, and the next apply converges.

use std::process::Child;

use pipeline_acceptance::Outcome;
use pipeline_acceptance::hold::Hold;
use pipeline_acceptance::narrow::NarrowLine;
use pipeline_acceptance::process::{running, signal};
use pipeline_acceptance::scene::skipped;

use crate::artifact::Stage;
use crate::interruption::{applying, finish};

/// Enough for three parts.
const LARGE: usize = 20 << 20;

/// Starts to apply an artifact of three parts over a narrow line, and waits until it is stuck there.
fn uploading(stage: &Stage) -> Outcome<(Child, NarrowLine)> {
    stage.build(&vec![7; LARGE])?;
    let line = NarrowLine::to(stage.account.endpoint(), 2 << 20)?;
    stage.connect(&line.endpoint)?;
    stage.workspace().main(&stage.hcl(""))?;
    let child = stage.workspace().start_apply()?;
    line.stuck()?;
    Ok((child, line))
}

fn open_uploads(stage: &Stage) -> Outcome<usize> {
    let told = stage.account.s3("GET", &stage.path("?uploads"), &[], &[])?;
    Ok(told.success("ListMultipartUploads")?.text().matches("<Upload>").count())
}

/// The same apply over the usual line.
fn converges(stage: &Stage) -> Outcome {
    stage.connect(stage.account.endpoint())?;
    stage.workspace().apply(&[])?.ok()?;
    stage.workspace().plan(&[])?.unchanged()?;
    assert!(stage.account.get(&stage.bucket, &stage.key()?)? == vec![7; LARGE]);
    assert_eq!(stage.records()?.len(), 1);
    Ok(())
}

#[test]
fn an_interrupted_upload_ends_soon_and_leaves_nothing() -> Outcome {
    let stage = Stage::set()?;
    let (child, _line) = uploading(&stage)?;
    signal(child.id(), "INT")?;
    // It ends, although no answer comes.
    let run = finish(child)?;
    run.refused("The upload was interrupted")?.says("nothing was stored")?;
    assert!(stage.account.get(&stage.bucket, &stage.key()?).is_err());
    assert_eq!(open_uploads(&stage)?, 0);
    assert!(stage.records()?.is_empty());
    converges(&stage)
}

#[test]
fn a_provider_killed_while_it_uploads_stores_nothing_by_half() -> Outcome {
    if running("/".as_ref()).is_none() {
        skipped("a_provider_killed_while_it_uploads…", "this machine does not list its processes");
        return Ok(());
    }
    let stage = Stage::set()?;
    let (child, _line) = uploading(&stage)?;
    signal(applying(stage.workspace())?, "KILL")?;
    assert_eq!(finish(child)?.said.code, Some(1));
    assert!(stage.account.get(&stage.bucket, &stage.key()?).is_err());
    converges(&stage)
}

#[test]
fn a_provider_killed_before_it_records_finds_its_object() -> Outcome {
    if running("/".as_ref()).is_none() {
        skipped("a_provider_killed_before_it_records…", "this machine does not list its processes");
        return Ok(());
    }
    let stage = Stage::set()?;
    stage.build(&vec![7; LARGE])?;
    let remote = stage.scene.repository.publish("remote.git")?;
    let place = stage.scene.environment().root().join("pushing");
    let hold = Hold::at(&place)?;
    remote.hook("pre-receive", &Hold::pre_receive(&place, "refs/ledger/artifacts/"))?;
    stage.workspace().main(&stage.hcl(""))?;
    let child = stage.workspace().start_apply()?;
    hold.reached()?;
    signal(applying(stage.workspace())?, "KILL")?;
    assert_eq!(finish(child)?.said.code, Some(1));
    assert!(stage.account.get(&stage.bucket, &stage.key()?)? == vec![7; LARGE]);
    hold.leave(1)?;
    std::fs::remove_file(remote.directory.join("hooks/pre-receive"))?;
    let before = stage.versions()?;
    stage.workspace().apply(&[])?.ok()?;
    stage.workspace().plan(&[])?.unchanged()?;
    assert_eq!(stage.versions()?, before, "the object was not written again");
    assert_eq!(remote.records("refs/ledger/artifacts/")?.len(), 1);
    Ok(())
}
