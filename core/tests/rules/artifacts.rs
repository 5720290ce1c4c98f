//! Cases of artifacts, their buckets and the archive.

use pipeline_core::archive::{Archiving, NotKept, permit};
use pipeline_core::artifact::rules::{
    BucketFacts, Content, Elsewhere, Encryption, Expiry, Setting, check_bucket, check_held,
    check_unchanged,
};
use pipeline_core::artifact::{
    ArtifactMetadata, ArtifactPath, ArtifactPlace, ArtifactType, BucketName, Sha256,
};

use super::samples::{COMMIT, OTHER, time};
use super::{Case, Found, case, found, read};

pub(crate) const CASES: &[Case] = &[
    case("ART001", || metadata("commit_sha", &COMMIT), || metadata("commit_sha", &"main")),
    case("ART001", || place(&COMMIT.to_string()), || place("a1b2c3d4e5f6")),
    case("ART002", || metadata("commit_sha", &COMMIT), || metadata("commit_sha", &OTHER)),
    case("ART002", || read::<ArtifactPath>("api/build.zip"), || read::<ArtifactPath>("../x")),
    case("ART002", || read::<ArtifactPlace>(&uri()), || read::<ArtifactPlace>("build.zip")),
    case("ART003", || held(Some(b"abc")), || held(Some(b"abd"))),
    case("ART003", || held(Some(b"abc")), || held(None)),
    case("ART003", || read::<Sha256>(&"0a".repeat(32)), || read::<Sha256>("abc123def456")),
    case("ART003", || metadata("size_bytes", &3), || metadata("size_bytes", &-3)),
    case("ART004", || bucket(|_| ()), || bucket(|it| it.versioning = Setting::Is(false))),
    case(
        "ART004",
        || bucket(|_| ()),
        || bucket(|it| it.encryption = Setting::Is(Encryption::Keys("aws:kms".into()))),
    ),
    case(
        "ART004",
        || bucket(|_| ()),
        || bucket(|it| it.encryption = Setting::Is(Encryption::None)),
    ),
    case("ART004", || bucket(|_| ()), || expires("", 30, false)),
    case("ART004", || expires(&COMMIT.to_string()[..3], 90, false), || expires("logs/", 90, false)),
    case("ART004", || bucket(|_| ()), || expires("", 90, true)),
    case("ART004", || bucket(|_| ()), || bucket(|it| it.versioning = unread())),
    case("ART004", || bucket(|_| ()), || bucket(|it| it.encryption = unread())),
    case("ART004", || bucket(|_| ()), || bucket(|it| it.expiry = unread())),
    case("RET003", || archived(&Archiving::None), || archived(&failed())),
    case("OWN020", || changed(b"abc", Elsewhere::Object), || changed(b"abd", Elsewhere::Object)),
    case("OWN020", || changed(b"abc", Elsewhere::Record), || changed(b"abd", Elsewhere::Record)),
    case("OWN020", || changed(b"abc", file()), || changed(b"abd", file())),
    case("OWN021", || read::<BucketName>("artifacts"), || read::<BucketName>("Artifacts")),
    case("OWN022", || read::<ArtifactType>("lambda-layer"), || read::<ArtifactType>("a layer")),
];

fn uri() -> String {
    format!("s3://artifacts/{COMMIT}/build.zip")
}

fn sample() -> ArtifactPlace {
    uri().parse().unwrap()
}

/// The metadata of an artifact in the words of document 004, with one word replaced.
fn metadata(name: &str, value: &dyn ToString) -> Found {
    let mut json = serde_json::json!({
        "commit_sha": COMMIT.to_string(),
        "timestamp": time(0).to_string(),
        "s3_path": uri(),
        "artifact_type": "package",
        "size_bytes": 3,
        "checksum": Sha256::of(b"abc").to_string(),
    });
    let text = value.to_string();
    json[name] = text.parse::<i64>().map_or_else(|_| text.into(), Into::into);
    found(ArtifactMetadata::from_json(&json))
}

fn place(commit: &str) -> Found {
    read::<ArtifactPlace>(&format!("s3://artifacts/{commit}/build.zip"))
}

fn content(bytes: &[u8]) -> Content {
    Content { checksum: Sha256::of(bytes), size_bytes: bytes.len() as u64 }
}

fn held(bytes: Option<&[u8]>) -> Found {
    check_held(&sample(), content(b"abc"), bytes.map(content)).into_iter().collect()
}

const fn file() -> Elsewhere<'static> {
    Elsewhere::File { path: "dist/build.zip" }
}

fn changed(bytes: &[u8], at: Elsewhere<'_>) -> Found {
    let (known, found) = (Sha256::of(b"abc"), Sha256::of(bytes));
    check_unchanged(&sample(), known, found, at).into_iter().collect()
}

fn unread<T>() -> Setting<T> {
    Setting::Unread { said: "AccessDenied".into() }
}

fn bucket(change: impl FnOnce(&mut BucketFacts)) -> Found {
    let everything = Expiry { prefix: String::new(), days: 90, narrowed: false };
    let mut facts = BucketFacts {
        versioning: Setting::Is(true),
        encryption: Setting::Is(Encryption::Aes256),
        expiry: Setting::Is(vec![everything]),
    };
    change(&mut facts);
    check_bucket(sample().bucket(), &facts, &sample().key(), 90)
}

fn expires(prefix: &str, days: u32, narrowed: bool) -> Found {
    let rule = Expiry { prefix: prefix.to_owned(), days, narrowed };
    bucket(|it| it.expiry = Setting::Is(vec![rule]))
}

fn failed() -> Archiving {
    Archiving::Failed(NotKept::Refused {
        said: "AccessDenied".into(),
        next: "Allow `s3:PutObject` on the bucket of the archive.".into(),
    })
}

fn archived(archiving: &Archiving) -> Found {
    let name = "refs/ledger/runs/1".parse().unwrap();
    let record = pipeline_core::testing::expired(name, "0a".repeat(20));
    permit(&record, archiving).err().into_iter().collect()
}
