//! Artifacts in the words of document 004, and where they may lie.

use proptest::prelude::*;

use super::*;

const COMMIT: &str = "a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6a1b2";

fn sample() -> serde_json::Value {
    serde_json::json!({
        "commit_sha": COMMIT,
        "timestamp": "2024-01-15T10:35:00Z",
        "s3_path": format!("s3://aphex-artifacts/{COMMIT}/build.zip"),
        "artifact_type": "package",
        "size_bytes": 1_048_576,
        "checksum": Sha256::of(b"abc").to_string(),
    })
}

fn with(name: &str, value: serde_json::Value) -> String {
    let mut json = sample();
    json[name] = value;
    serde_json::from_value::<ArtifactMetadata>(json).unwrap_err().to_string()
}

#[test]
fn reads_and_prints_the_document_s_words() {
    let read: ArtifactMetadata = serde_json::from_value(sample()).unwrap();
    assert_eq!(read.place.key(), format!("{COMMIT}/build.zip"));
    assert_eq!(serde_json::to_value(&read).unwrap(), sample());
}

#[test]
fn hashes_as_the_standard_does() {
    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(Sha256::of(b"abc").to_string(), expected);
    assert_eq!(expected.parse::<Sha256>().unwrap(), Sha256::of(b"abc"));
}

#[test]
fn an_artifact_lies_under_its_own_commit() {
    let other = COMMIT.replace('a', "b");
    let told = with("commit_sha", other.clone().into());
    assert!(told.starts_with("ART002 at `s3_path`") && told.contains(&other), "{told}");
    assert!(with("commit_sha", "a1b2c3d4e5f6".into()).starts_with("ART001 at `commit_sha`"));
    assert!(with("size_bytes", (-1).into()).starts_with("ART003 at `size_bytes`"));
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let mut json = sample();
    json["commit_sha"] = "main".into();
    json["s3_path"] = "s3://aphex-artifacts/main//x".into();
    let told = serde_json::from_value::<ArtifactMetadata>(json).unwrap_err().to_string();
    assert!(
        told.contains("ART001 at `commit_sha`") && told.contains("ART002 at `s3_path`"),
        "{told}"
    );
}

#[test]
fn buckets_have_the_names_that_s3_gives() {
    for name in ["abc", "aphex-artifacts", "logs.example.com", "0-9", &"a".repeat(63)] {
        assert_eq!(name.parse::<BucketName>().unwrap().as_str(), name);
    }
    let bad = ["", "ab", "Abc", "a_b", "-abc", "abc-", "a..b", "a.-b", "192.168.5.4", "s3://abc"];
    for name in bad.into_iter().chain([&*"a".repeat(64)]) {
        assert!(name.parse::<BucketName>().is_err(), "{name}");
    }
}

#[test]
fn paths_stay_below_their_commit() {
    for path in ["build.zip", "api/build.zip", "Grüße & more.tar.gz", "..hidden", "a b"] {
        assert_eq!(path.parse::<ArtifactPath>().unwrap().as_str(), path);
    }
    for path in ["", "/a", "a/", "a//b", "../a", "a/./b", "a\nb", &"a".repeat(984)] {
        assert!(path.parse::<ArtifactPath>().is_err(), "{path}");
    }
}

#[test]
fn types_are_words() {
    for word in ["package", "lambda-layer", "binary", "x86-64"] {
        assert_eq!(word.parse::<ArtifactType>().unwrap().as_str(), word);
    }
    for word in ["", "Lambda Layer", "-", "a--b", "a-", &"a".repeat(65)] {
        assert!(word.parse::<ArtifactType>().is_err(), "{word}");
    }
}

#[test]
fn places_have_ids_of_their_own() {
    let place = |uri: String| uri.parse::<ArtifactPlace>().unwrap();
    let one = place(format!("s3://one/{COMMIT}/a"));
    assert_eq!(one.id().len(), 40);
    assert_ne!(one.id(), place(format!("s3://two/{COMMIT}/a")).id());
    assert_ne!(one.id(), place(format!("s3://one/{COMMIT}/a/b")).id());
}

proptest! {
    #[test]
    fn places_round_trip(bucket in "[a-z0-9]{3,20}", path in "[a-z ü]{1,9}(/[a-z]{1,9}){0,3}") {
        let uri = format!("s3://{bucket}/{COMMIT}/{path}");
        let place: ArtifactPlace = uri.parse().unwrap();
        prop_assert_eq!(place.to_string(), uri);
        prop_assert_eq!(place.path().as_str(), path);
    }

    #[test]
    fn checksums_round_trip(bytes in any::<[u8; 32]>()) {
        let checksum = Sha256::from_bytes(bytes);
        prop_assert_eq!(checksum.to_string().parse::<Sha256>().unwrap(), checksum);
    }

    #[test]
    fn nothing_that_is_read_leaves_its_bucket(text in ".{0,60}") {
        if let Ok(place) = text.parse::<ArtifactPlace>() {
            let start = format!("s3://{}/{}/", place.bucket(), place.commit());
            prop_assert!(text.starts_with(&start));
            prop_assert_eq!(place.to_string(), text);
        }
    }
}
