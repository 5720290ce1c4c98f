//! Cases of secrets, registered and read as the provider does it, in a ledger in memory.

use std::io;

use pipeline_core::environment::EnvironmentAtCommit;
use pipeline_core::registration::{self, Registered};
use pipeline_core::secret::{KeyVaultUrl, RotationDays, SecretRecord, SecretType};
use pipeline_core::sops::decrypt::{Identities, Locked, Prints, Secrets, Source, decrypt};
use pipeline_core::{Secret, SecretName, secret};
use serde_json::{Value, json};

use super::ledger::{Place, broken, done};
use super::samples::{COMMIT, actor, environment, time};
use super::{Case, Found, case, found, read};

pub(crate) const CASES: &[Case] = &[
    case("SEC001", || read::<SecretName>("Api-Key-2"), || read::<SecretName>("API_KEY")),
    case("SEC001", || read::<SecretName>("a"), || read::<SecretName>("größe")),
    case("SEC002", || vault("https://kv-shop.vault.azure.net/"), || vault("https://example.com/")),
    case(
        "SEC002",
        || vault("https://kv-shop.vault.azure.cn"),
        || vault("http://kv-shop.vault.azure.net/"),
    ),
    case(
        "SEC002",
        || vault("https://kv-shop.vault.azure.net/"),
        || vault("https://kv-shop.vault.azure.net/secrets/Db?token=1"),
    ),
    case("SEC003", || read::<SecretType>("ApiKey"), || read::<SecretType>("apikey")),
    case("SEC004", || days(1), || days(0)),
    case("SEC004", || days(36_500), || days(-90)),
    case(
        "SEC005",
        || listed(|it| it["next_rotation_due"] = json!(time(90 * 86_400))),
        || listed(|it| it["next_rotation_due"] = json!(time(91 * 86_400))),
    ),
    case(
        "SEC006",
        || planned(|_| ()),
        || planned(|it| it.last_rotated_at = Some(time(-91 * 86_400))),
    ),
    case("SEC007", || listed(|_| ()), || listed(|it| it["value"] = json!("hunter2"))),
    case("SEC008", || handed(&mut Vec::new()), || handed(&mut Full)),
    case("SEC009", || opened("", ""), || opened("name: shop", "name: other")),
    case("SEC009", || opened("", ""), || opened("    age:\n", "    kms:\n")),
    case(
        "SEC010",
        || planned(|_| ()),
        || planned(|it| it.environment = "staging".parse().unwrap()),
    ),
    case(
        "SEC010",
        || {
            planned(|it| {
                it.last_rotated_at = Some(time(-91 * 86_400));
                it.is_active = false;
            })
        },
        || planned(|it| it.environment = "produktion".parse().unwrap()),
    ),
];

/// What SOPS wrote for an identity of the tests.
const FILE: &str = include_str!("../../src/sops/decrypt/tests/k8s.yaml");

fn unlocked(file: &str) -> Result<Secrets, Locked> {
    let mut identities = Identities::new();
    let identity = include_str!("../../src/sops/decrypt/tests/identity.txt");
    identities.add(Source::FileOf("SOPS_AGE_KEY_FILE"), Some(identity));
    decrypt("secrets.yaml", file.as_bytes(), &identities)
}

/// The file with another word in the place of its own.
fn opened(own: &str, word: &str) -> Found {
    let locked = unlocked(&FILE.replacen(own, word, 1)).err();
    locked.map(|why| why.violation("secrets.yaml")).into_iter().collect()
}

/// A log that takes nothing.
struct Full;

impl io::Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn handed(log: &mut dyn io::Write) -> Found {
    unlocked(FILE).unwrap().hand_out(Prints::GithubActions(log)).err().into_iter().collect()
}

fn vault(url: &str) -> Found {
    read::<KeyVaultUrl>(url)
}

fn days(days: i64) -> Found {
    found(RotationDays::try_from(days))
}

fn sample() -> Secret {
    Secret {
        environment: "production".parse().unwrap(),
        name: "DatabasePassword".parse().unwrap(),
        key_vault_url: "https://kv-shop.vault.azure.net/".parse().unwrap(),
        secret_type: SecretType::Other,
        rotation_schedule_days: RotationDays::default(),
        last_rotated_at: Some(time(0)),
        last_accessed_at: None,
        created_by: actor("ada"),
        is_active: true,
    }
}

fn registered<T>(what: T) -> Registered<T> {
    let registered_by = actor("ada");
    Registered { what, registered_at: time(0), registered_by, updated_at: None }
}

/// What a plan says of a secret where production is registered.
fn planned(change: fn(&mut Secret)) -> Found {
    let place = Place::new();
    let production = environment();
    let slot = place.ledger.environment(&production.name);
    let record = EnvironmentAtCommit { environment: production, commit_sha: COMMIT };
    place.put(&slot, &registered(record), |_| ());
    let mut secret = sample();
    change(&mut secret);
    let survey = done(secret::survey(&place.ledger, secret, false, time(9))).unwrap();
    registration::plan(survey, None).violations()
}

/// What a list says of a record that somebody changed.
fn listed(change: fn(&mut Value)) -> Found {
    let (place, secret) = (Place::new(), sample());
    let slot = place.ledger.secret(&secret.environment, &secret.name);
    place.put::<SecretRecord>(&slot, &registered(secret), change);
    let (records, unreadable) =
        done(secret::rotations(&place.ledger, None, None, time(9))).unwrap();
    assert_eq!(records.len() + unreadable.len(), 1);
    broken(unreadable)
}
