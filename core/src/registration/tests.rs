//! One registration after another, over a ledger in memory.

use super::*;
use crate::base::actor::Author;
use crate::ledger::memory::{RefStore, Remote};
use crate::ledger::{Ledger, LedgerError};
use crate::record::RecordError;
use crate::run::PipelineRun;
use crate::secret::{RotationDays, Secret, SecretType, rotations, survey, survey_removal};
use crate::{RuleId, Timestamp};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_760_000_000 + seconds).unwrap()
}

fn author(seconds: i64) -> Author {
    Author { actor: "ada".parse().unwrap(), email: String::new(), at: at(seconds) }
}

fn secret(days: i64) -> Secret {
    Secret {
        environment: "staging".parse().unwrap(),
        name: "Db-Password".parse().unwrap(),
        key_vault_url: "https://kv-shop.vault.azure.net/".parse().unwrap(),
        secret_type: SecretType::Other,
        rotation_schedule_days: RotationDays::try_from(days).unwrap(),
        last_rotated_at: None,
        last_accessed_at: None,
        created_by: "ada".parse().unwrap(),
        is_active: true,
    }
}

/// Registers it at a time, where the caller knows of the registration of another.
async fn register(
    ledger: &Ledger<RefStore>,
    days: i64,
    now: i64,
    seen: Option<i64>,
) -> Result<Registered<Secret>, RegistrationRefused<Secret>> {
    let found = survey(ledger, secret(days), true, at(now)).await.unwrap();
    let checked = plan(found, seen.map(at)).check()?;
    let StagedRegistration { staged, record, .. } = checked.stage(ledger, &author(now)).unwrap();
    ledger.commit(staged).await.unwrap();
    Ok(record)
}

#[tokio::test]
async fn it_is_registered_changed_and_left_alone_where_it_says_the_same() {
    let ledger = Ledger::new(Remote::new().store());
    let first = register(&ledger, 30, 0, None).await.unwrap();
    let same = register(&ledger, 30, 5, Some(0)).await.unwrap();
    assert_eq!(same, first, "nothing was written");
    let changed = register(&ledger, 60, 9, Some(0)).await.unwrap();
    assert_eq!((changed.registered_at, changed.written_at()), (at(0), at(9)));
    let name = "DB-PASSWORD".parse().unwrap();
    let gone = survey_removal(&ledger, &secret(1).environment, &name).await.unwrap();
    ledger.commit(gone.check().unwrap().stage(&ledger, &author(9)).unwrap()).await.unwrap();
    assert!(rotations(&ledger, None, None, at(9)).await.unwrap().0.is_empty());
}

#[tokio::test]
async fn whoever_was_first_is_not_overwritten() {
    let remote = Remote::new();
    register(&Ledger::new(remote.store()), 30, 0, None).await.unwrap();
    for seen in [None, Some(7)] {
        let late = register(&Ledger::new(remote.store()), 60, 9, seen).await.unwrap_err();
        let RegistrationRefused::Displaced { found, .. } = late else { panic!("{late:?}") };
        assert_eq!(found.unwrap().written_at(), at(0));
    }
    let unknown = survey(&Ledger::new(remote.store()), secret(1), false, at(0)).await.unwrap();
    let refused = plan(unknown, Some(at(0))).check().unwrap_err();
    let RegistrationRefused::Violations(found) = refused else { panic!("{refused:?}") };
    assert_eq!(found[0].rule, RuleId::SEC010);
}

#[tokio::test]
async fn what_nobody_would_read_is_not_written() {
    let ledger = Ledger::new(Remote::new().store());
    let run: PipelineRun = serde_json::from_value(serde_json::json!({
        "name": "build", "run_id": "run-20251020-143045-k8m3q2", "trigger": "push", "branch": "main",
        "commit_sha": "5c04b60a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e", "status": "success",
        "artifacts": ["x".repeat(8 * 1024 * 1024)],
    }))
    .unwrap();
    let survey = crate::run::survey(&ledger, run, &[], at(20 * 86_400)).await.unwrap();
    let refused = plan(survey, None).check().unwrap().stage(&ledger, &author(0)).unwrap_err();
    assert!(refused.to_string().contains("at most 8388608 are read"), "{refused}");
}

#[tokio::test]
async fn a_record_that_lies_elsewhere_is_not_used() {
    let remote = Remote::new();
    let ledger = Ledger::new(remote.store());
    register(&ledger, 30, 0, None).await.unwrap();
    let (own, other) = (secret(1), "other".parse().unwrap());
    let entry = ledger.read(&ledger.secret(&own.environment, &own.name)).await.unwrap().unwrap();
    let copy = ledger.secret(&other, &own.name);
    remote.set(&copy.ref_name().unwrap(), entry.object);
    let ledger = Ledger::new(remote.store());
    let LedgerError::Unreadable(found) = ledger.read(&copy).await.unwrap_err() else { panic!() };
    let elsewhere =
        RecordError::Elsewhere { kind: "secret", key: "staging/db-password".to_owned() };
    assert_eq!(found[0].error, elsewhere);
    let (listed, unusable) = rotations(&ledger, None, None, at(0)).await.unwrap();
    assert_eq!((listed.len(), unusable.len()), (1, 1));
}
