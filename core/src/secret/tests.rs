//! Secrets as document 002 shows them, and what no record may hold.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::record::{Record as _, RecordError};

fn record() -> Value {
    json!({
        "kind": "secret",
        "schema_version": 1,
        "environment": "prod",
        "name": "DatabaseConnectionString",
        "key_vault_url": "https://kv-stitches-prod.vault.azure.net/",
        "type": "ConnectionString",
        "rotation_schedule_days": 90,
        "last_rotated_at": "2026-01-15T10:00:00Z",
        "last_accessed_at": "2026-01-31T20:35:00Z",
        "created_by": "terraform",
        "is_active": true,
        "registered_at": "2026-01-01T00:00:00Z",
        "registered_by": "ada",
    })
}

fn read(change: impl FnOnce(&mut Value)) -> Result<SecretRecord, RecordError> {
    let mut json = record();
    change(&mut json);
    SecretRecord::from_json(json.to_string().as_bytes())
}

fn broken(change: impl FnOnce(&mut Value)) -> Violations {
    match read(change) {
        Err(RecordError::Broken { faults, .. }) => faults,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_record_is_read_back_and_knows_the_next_rotation() {
    let secret = read(|_| ()).unwrap();
    let printed: Value = serde_json::from_str(&secret.to_json().unwrap()).unwrap();
    assert_eq!(printed, record());
    assert_eq!(secret.next_rotation_due().unwrap().to_string(), "2026-04-15T10:00:00Z");
}

#[test]
fn it_is_overdue_from_the_very_second() {
    let due: Timestamp = "2026-04-15T10:00:00Z".parse().unwrap();
    let secret = read(|_| ()).unwrap().what;
    assert!(secret.is_overdue(due) && !secret.is_overdue(due.plus_seconds(-1)));
    assert!(!Secret { is_active: false, ..secret.clone() }.is_overdue(due));
    assert!(!Secret { last_rotated_at: None, ..secret }.is_overdue(due));
}

#[test]
fn absent_days_are_ninety_and_a_wrong_next_rotation_is_refused() {
    let said = |due: &'static str| move |it: &mut Value| it["next_rotation_due"] = json!(due);
    assert!(read(said("2026-04-15T10:00:00Z")).is_ok());
    assert!(broken(said("2026-04-16T10:00:00Z")).breaks(RuleId::SEC005));
    let without = |it: &mut Value| {
        said("2026-04-15T10:00:00Z")(it);
        it.as_object_mut().unwrap().remove("rotation_schedule_days");
    };
    assert_eq!(read(without).unwrap().rotation_schedule_days.get(), 90);
    let never = |it: &mut Value| {
        said("2026-04-15T10:00:00Z")(it);
        it.as_object_mut().unwrap().remove("last_rotated_at");
    };
    assert!(broken(never).breaks(RuleId::SEC005));
}

#[test]
fn no_record_holds_a_value_and_no_message_shows_one() {
    for field in ["value", "secret_value", "password", "ConnectionString", "plaintext", "apiKey"] {
        let faults = broken(|it| it[field] = json!("canary-1679"));
        assert!(
            faults.breaks(RuleId::SEC007) && !faults.to_string().contains("canary"),
            "{faults}"
        );
    }
    assert!(read(|it| it["review"] = json!("yearly")).is_ok(), "a newer release may say more");
}

#[test]
fn key_vaults_are_named_as_azure_names_them() {
    for url in [
        "https://kv-stitches-prod.vault.azure.net/",
        "https://KV-a1.vault.azure.net",
        "https://kv-a.vault.azure.cn/",
        "https://kv-a.vault.usgovcloudapi.net/",
    ] {
        assert_eq!(url.parse::<KeyVaultUrl>().unwrap().to_string(), url);
    }
    for url in [
        "https://kv.vault.azure.net/",
        "https://1kv.vault.azure.net/",
        "https://kv-.vault.azure.net/",
        "https://k--v.vault.azure.net/",
        "https://vault.azure.net/",
        "https://kv-a.vault.azure.net.example.com/",
        "https://kv-a.vault.azure.net:8443/",
        "https://kv-a.vault.azure.net//",
        "ftp://kv-a.vault.azure.net/",
        "",
    ] {
        assert!(url.parse::<KeyVaultUrl>().unwrap_err().breaks(RuleId::SEC002), "{url}");
    }
    let path = "https://kv-a.vault.azure.net/secrets/Db/12ab".parse::<KeyVaultUrl>().unwrap_err();
    assert!(path.to_string().contains("Write `https://kv-a.vault.azure.net/`."), "{path}");
}

#[test]
fn what_could_be_a_token_is_not_shown() {
    for url in
        ["https://kv-a.vault.azure.net/?code=canary-3", "https://a:canary-3@kv-a.vault.azure.net/"]
    {
        let told = url.parse::<KeyVaultUrl>().unwrap_err().to_string();
        assert!(!told.contains("canary"), "{told}");
    }
}

proptest! {
    #[test]
    fn names_are_those_of_key_vaults(text in "[a-zA-Z0-9_./ -]{0,12}|[a-z-]{126,129}") {
        let fits = (1..=127).contains(&text.len())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        prop_assert_eq!(text.parse::<SecretName>().is_ok(), fits);
    }

    #[test]
    fn days_are_positive(days: i64, near in -3_i64..40_000) {
        for days in [days, near] {
            prop_assert_eq!(RotationDays::try_from(days).is_ok(), (1..=36_500).contains(&days));
        }
    }

    #[test]
    fn any_text_is_no_vault_or_one_that_prints_back(text in "(https://)?[a-c-]{0,4}(\\.vault\\.azure\\.net)?[/:?@a]{0,2}|.{0,30}") {
        if let Ok(url) = text.parse::<KeyVaultUrl>() {
            prop_assert_eq!(url.to_string(), text);
        }
    }
}
