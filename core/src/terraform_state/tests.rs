//! States as Terraform and OpenTofu write them, and as they should not be.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn state() -> Value {
    json!({
        "version": 4,
        "terraform_version": "1.12.2",
        "serial": 7,
        "lineage": "2c5e4a3f-0f6c-7a9b-8f1d-5f3c4a1b2d3e",
        "outputs": {
            "vpc_id": {"value": "vpc-1", "type": "string"},
            "zones": {"value": ["a", "b"], "type": ["list", "string"]},
            "admin": {"value": {"user": "root", "pass": "s3cr3t"}, "type": ["map", "string"], "sensitive": true},
            "db_password": {"value": "s3cr3t", "type": "string"},
        },
        "resources": [
            {"mode": "managed", "type": "aws_vpc", "name": "this", "instances": [{"attributes": {"id": "vpc-1"}}]},
            {"mode": "managed", "type": "aws_subnet", "name": "this", "instances": [
                {"index_key": 0, "attributes": {"token": "s3cr3t"}},
                {"index_key": 1, "attributes": {}},
                {"index_key": 1, "deposed": "abcd1234", "attributes": {}},
            ]},
            {"mode": "data", "type": "aws_region", "name": "this", "instances": [{"attributes": {}}]},
        ],
        "check_results": null,
    })
}

fn read(state: &Value) -> Result<StateFile, Violations> {
    StateFile::read(state.to_string().as_bytes())
}

fn without(part: &str) -> Value {
    let mut state = state();
    state.as_object_mut().unwrap().remove(part);
    state
}

fn with(part: &str, value: Value) -> Value {
    let mut state = state();
    state[part] = value;
    state
}

/// What is wrong with some bytes, which is one thing.
fn fault(bytes: &[u8]) -> String {
    let faults = StateFile::read(bytes).unwrap_err();
    assert!(faults.breaks(RuleId::OWN034), "{faults}");
    faults.to_string()
}

#[test]
fn a_state_is_read() {
    let read = read(&state()).unwrap();
    assert_eq!(read.terraform_version.as_str(), "1.12.2");
    assert_eq!(read.serial, 7);
    assert_eq!(read.lineage, "2c5e4a3f-0f6c-7a9b-8f1d-5f3c4a1b2d3e");
    assert_eq!(read.resources_count.get(), 3);
    let names: Vec<&str> = read.outputs.keys().map(String::as_str).collect();
    assert_eq!(names, ["admin", "db_password", "vpc_id", "zones"]);
}

#[test]
fn no_secret_gets_through() {
    let read = read(&state()).unwrap();
    assert_eq!(read.outputs["admin"], Output::Withheld);
    assert_eq!(read.outputs["db_password"], Output::Withheld);
    assert!(matches!(&read.outputs["vpc_id"], Output::Plain { value, .. } if value == "vpc-1"));
    assert!(!format!("{read:?}").contains("s3cr3t"));
}

#[test]
fn an_empty_state_is_a_state() {
    for resources in [json!([]), json!(null)] {
        let read = read(&with("resources", resources)).unwrap();
        assert_eq!(read.resources_count.get(), 0);
    }
    assert!(read(&with("outputs", json!({}))).unwrap().outputs.is_empty());
}

#[test]
fn what_is_no_state_is_named() {
    assert!(fault(b"").contains("an empty file"));
    assert!(fault(b"\x1f\x8b\x08").contains("not JSON"));
    assert!(fault(b"[1, 2]").contains("JSON of another shape"));
    assert!(fault(b"{}").contains("without a format version"));
    assert!(fault(without("serial").to_string().as_bytes()).contains("another shape"));
    let text = state().to_string();
    let told = fault(&text.as_bytes()[..text.len() / 2]);
    assert!(told.contains("ends in the middle"), "{told}");
}

#[test]
fn other_formats_are_named() {
    let of = |version: u64| fault(with("version", json!(version)).to_string().as_bytes());
    assert!(of(3).contains("format version 3"));
    assert!(of(5).contains("format version 5"));
    let encrypted = json!({"meta": {}, "encrypted_data": "AAAA", "encryption_version": "v0"});
    assert!(fault(encrypted.to_string().as_bytes()).contains("an encrypted state"));
}

#[test]
fn no_message_shows_a_value() {
    for bad in [with("serial", json!("s3cr3t")), with("outputs", json!({"x": "s3cr3t"}))] {
        assert!(!read(&bad).unwrap_err().to_string().contains("s3cr3t"));
    }
}

#[test]
fn a_bad_version_is_a_fault_of_its_own() {
    let faults = read(&with("terraform_version", json!("latest"))).unwrap_err();
    assert!(faults.breaks(RuleId::TFS004), "{faults}");
    let told = "v1.2.3".parse::<TerraformVersion>().unwrap_err().to_string();
    assert!(told.contains("Write `1.2.3`."), "{told}");
}

#[test]
fn only_so_many_bytes_are_read() {
    assert!(StateFile::check_size(LARGEST).is_ok());
    assert!(StateFile::check_size(LARGEST + 1).unwrap_err().breaks(RuleId::OWN034));
}

fn workspace(name: &str) -> WorkspaceName {
    name.parse().unwrap()
}

fn bucket_of_states() -> BackendConfig {
    BackendConfig {
        bucket: Some("states".to_owned()),
        key: Some("network/terraform.tfstate".to_owned()),
        ..BackendConfig::default()
    }
}

#[test]
fn local_states_lie_where_terraform_puts_them() {
    let at = |config: BackendConfig, name| {
        config.locate(Backend::Local, &workspace(name)).unwrap().uri()
    };
    assert_eq!(at(BackendConfig::default(), "default"), "terraform.tfstate");
    assert_eq!(at(BackendConfig::default(), "eu"), "terraform.tfstate.d/eu/terraform.tfstate");
    let config = BackendConfig {
        path: Some("../a.tfstate".to_owned()),
        workspace_dir: Some("../spaces/".to_owned()),
        ..BackendConfig::default()
    };
    assert_eq!(at(config.clone(), "default"), "../a.tfstate");
    assert_eq!(at(config, "eu"), "../spaces/eu/terraform.tfstate");
}

#[test]
fn states_in_s3_lie_where_terraform_puts_them() {
    let at =
        |config: &BackendConfig, name| config.locate(Backend::S3, &workspace(name)).unwrap().uri();
    let mut config = bucket_of_states();
    assert_eq!(at(&config, "default"), "s3://states/network/terraform.tfstate");
    assert_eq!(at(&config, "eu"), "s3://states/env:/eu/network/terraform.tfstate");
    for (prefix, key) in [
        ("spaces", "spaces/eu/network/terraform.tfstate"),
        ("", "eu/network/terraform.tfstate"),
        ("a//b", "a/b/eu/network/terraform.tfstate"),
        ("a/./b", "a/b/eu/network/terraform.tfstate"),
        ("a/../b", "b/eu/network/terraform.tfstate"),
        ("../a", "../a/eu/network/terraform.tfstate"),
    ] {
        config.workspace_key_prefix = Some(prefix.to_owned());
        assert_eq!(at(&config, "eu"), format!("s3://states/{key}"), "{prefix}");
        // The default workspace has the key as it is written.
        assert_eq!(at(&config, "default"), "s3://states/network/terraform.tfstate");
    }
    config.key = Some("network/./terraform.tfstate".to_owned());
    config.workspace_key_prefix = None;
    assert_eq!(at(&config, "default"), "s3://states/network/./terraform.tfstate");
    assert_eq!(at(&config, "eu"), "s3://states/env:/eu/network/terraform.tfstate");
}

#[test]
fn what_the_backend_refuses_is_refused() {
    let config = BackendConfig {
        key: Some("a//b/".to_owned()),
        workspace_key_prefix: Some("/spaces/".to_owned()),
        ..bucket_of_states()
    };
    // As the backend does, in every workspace.
    for name in ["default", "eu"] {
        let faults = config.locate(Backend::S3, &workspace(name)).unwrap_err();
        let places: Vec<String> = faults.iter().map(|fault| fault.at.to_string()).collect();
        assert_eq!(places, ["key", "workspace_key_prefix"], "{faults}");
        let told = faults.to_string();
        assert!(told.contains("Write `a/b`.") && told.contains("Write `spaces`."), "{told}");
    }
}

#[test]
fn a_state_that_is_nested_too_deeply_is_refused_with_the_limit() {
    const DEEP: usize = 100_000;
    let nested = format!("{}{}", "[".repeat(DEEP), "]".repeat(DEEP));
    let text = state().to_string();
    let in_an_output = text.replace("\"value\":\"vpc-1\"", &format!("\"value\":{nested}"));
    assert_ne!(in_an_output, text);
    // What no provider would write, but what is passed over is not walked by recursion either.
    let in_an_attribute = text.replace("{\"id\":\"vpc-1\"}", &nested);
    assert_ne!(in_an_attribute, text);
    let read = |text: String| {
        let read = move || StateFile::read(text.as_bytes()).map(drop);
        std::thread::Builder::new().stack_size(512 * 1024).spawn(read).unwrap().join().unwrap()
    };
    let told = read(in_an_output).unwrap_err().to_string();
    assert!(told.contains("nested more than 128 levels deep"), "{told}");
    assert!(read(in_an_attribute).is_ok());
}

#[test]
fn every_wrong_setting_is_told() {
    let config = BackendConfig { path: Some("x".to_owned()), ..BackendConfig::default() };
    let faults = config.locate(Backend::S3, &workspace("default")).unwrap_err();
    let places: Vec<String> = faults.iter().map(|fault| fault.at.to_string()).collect();
    assert_eq!(places, ["path", "bucket", "key"]);
    let faults = bucket_of_states().locate(Backend::Local, &workspace("default")).unwrap_err();
    assert_eq!(faults.iter().count(), 2);
    let slash = BackendConfig { key: Some("/a/".to_owned()), ..bucket_of_states() };
    let told = slash.locate(Backend::S3, &workspace("default")).unwrap_err().to_string();
    assert!(told.contains("Write `a`."), "{told}");
}

#[test]
fn locks_are_known_by_their_settings() {
    let locking = |config: BackendConfig| match config.locate(Backend::S3, &workspace("default")) {
        Ok(Location::S3 { locking, .. }) => locking,
        other => panic!("{other:?}"),
    };
    assert_eq!(locking(bucket_of_states()), None);
    let table = BackendConfig { dynamodb_table: Some("locks".to_owned()), ..bucket_of_states() };
    assert_eq!(locking(table), Some(Locking::Table));
    let file = BackendConfig { use_lockfile: Some(true), ..bucket_of_states() };
    assert_eq!(locking(file), Some(Locking::LockFile));
    let none = BackendConfig { use_lockfile: Some(false), ..bucket_of_states() };
    assert_eq!(locking(none), None);
}

proptest! {
    #[test]
    fn a_state_that_is_cut_anywhere_is_refused(part in 0.0..1.0_f64) {
        let text = state().to_string();
        let length = (text.len() as f64 * part) as usize;
        prop_assert!(StateFile::read(&text.as_bytes()[..length]).is_err());
    }

    #[test]
    fn no_bytes_are_too_strange(bytes: Vec<u8>) {
        prop_assert!(StateFile::read(&bytes).is_err());
    }
}

#[test]
fn a_version_of_many_letters_is_refused_without_recursion() {
    assert!("v".repeat(1_000_000).parse::<TerraformVersion>().is_err());
    let reason = "v1.12.2".parse::<TerraformVersion>().unwrap_err().to_string();
    assert!(reason.contains("Write `1.12.2`."), "{reason}");
}
