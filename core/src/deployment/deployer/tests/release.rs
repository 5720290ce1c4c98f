//! Releasing the lock of one who is gone, and never of one who lives.

use std::future::pending;
use std::time::Duration;

use super::world::{id, name, once, request, silence, timed};
use super::*;
use crate::ledger::memory::Fault;
use crate::queue::HeldBy;

/// Lets the first deployment claim staging and then die.
async fn dies(world: &World) {
    let store = Store::new(world.remote.store()).fault(1, Fault::LostRequest);
    unknown(&world.deploy_by(store, request(1)).await);
}

fn release(n: u8) -> Release {
    let (by, reason) = ("grace".parse().unwrap(), "its runner was lost".to_owned());
    Release { environment: name("staging"), held_by: HeldBy::Deployment(id(n)), by, reason }
}

async fn released(world: &World, n: u8) -> Result<Option<Deployment>, NotReleased> {
    world.deployer(world.store()).release(&release(n), pending()).await
}

fn forbidden_by(why: Result<Option<Deployment>, NotReleased>) -> String {
    match why {
        Err(NotReleased::Forbidden(fault)) if fault.rule == RuleId::OWN058 => fault.found,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn one_who_is_gone_is_watched_for_its_lease_then_failed_and_audited_at_once() {
    let world = timed();
    dies(&world).await;
    let began = Instant::now();
    let (record, commits) = world.commits_of(released(&world, 1)).await;
    assert!(began.elapsed() >= Duration::from_secs(60), "{:?}", began.elapsed());
    assert_eq!(commits, 1);
    let record = record.unwrap().unwrap();
    assert_eq!(record.status(), Status::Failed);
    assert!(record.progress.error_message().unwrap().contains("grace released the lock"));
    assert!(world.is_free("staging").await);
    let audits = world.remote.refs();
    assert_eq!(audits.under("refs/ledger/audit").count(), 1);
    assert_eq!(world.deploy(request(2)).await.verdict, SUCCESS);
}

#[tokio::test(start_paused = true)]
async fn one_who_lives_keeps_its_lock() {
    let world = timed();
    let (_listener, url) = silence();
    let health_check = Some(once(&url, Duration::from_secs(50)));
    let deploys = world.deploy(Request { health_check, ..request(1) });
    let releases = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        forbidden_by(released(&world, 1).await)
    };
    let (report, told) = tokio::join!(deploys, releases);
    assert!(told.contains("renewed its lease"), "{told}");
    assert_eq!(status(&report), Some(Status::Failed), "by its health check alone");
    assert!(failed(&report).contains("in time"));
}

#[tokio::test(start_paused = true)]
async fn nobody_is_put_aside_in_the_place_of_another() {
    let world = timed();
    assert!(forbidden_by(released(&world, 1).await).contains("held by nobody"));
    dies(&world).await;
    let before = world.remote.refs();
    assert!(forbidden_by(released(&world, 2).await).contains(id(1).as_str()));
    let deployer = world.deployer(world.store());
    let stopped = deployer.release(&release(1), std::future::ready("Ctrl-C".to_owned())).await;
    assert!(matches!(stopped, Err(NotReleased::Stopped)), "{stopped:?}");
    assert_eq!(world.remote.refs(), before);
}
