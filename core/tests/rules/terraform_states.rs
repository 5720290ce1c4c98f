//! Cases of states of Terraform.

use pipeline_core::artifact::Sha256;
use pipeline_core::terraform_state::rules::{check_hash, check_locking, check_versioning};
use pipeline_core::terraform_state::{
    Backend, BackendConfig, ResourcesCount, StateFile, TerraformVersion, WorkspaceName,
};

use super::{Case, Found, case, found, read};

pub(crate) const CASES: &[Case] = &[
    case("TFS001", || read::<WorkspaceName>("eu-west"), || read::<WorkspaceName>("eu/west")),
    case("TFS002", || read::<Backend>("s3"), || read::<Backend>("gcs")),
    case("TFS003", || found(ResourcesCount::new(0)), || found(ResourcesCount::new(-1))),
    case("TFS004", || read::<TerraformVersion>("1.12.2"), || read::<TerraformVersion>("latest")),
    case("TFS004", || state("1.13.0-beta1"), || state("1.13")),
    case("TFS005", || hash(b"state"), || hash(b"other")),
    case("TFS006", || versioning(true), || versioning(false)),
    case("TFS007", || locking(Some(true)), || locking(None)),
    case("OWN033", || located(Backend::S3), || located(Backend::Local)),
    case("OWN034", || state("1.12.2"), || found(StateFile::read(b"{\"version\": 5}"))),
];

fn state(terraform_version: &str) -> Found {
    let state = serde_json::json!({
        "version": 4, "terraform_version": terraform_version, "serial": 1, "lineage": "",
        "outputs": {}, "resources": [],
    });
    found(StateFile::read(state.to_string().as_bytes()))
}

fn hash(bytes: &[u8]) -> Found {
    check_hash(&Sha256::of(b"state"), &Sha256::of(bytes)).into_iter().collect()
}

fn versioning(versioned: bool) -> Found {
    check_versioning(&"states".parse().unwrap(), versioned).into_iter().collect()
}

fn config(use_lockfile: Option<bool>) -> BackendConfig {
    BackendConfig {
        bucket: Some("states".to_owned()),
        key: Some("terraform.tfstate".to_owned()),
        use_lockfile,
        ..BackendConfig::default()
    }
}

fn locking(use_lockfile: Option<bool>) -> Found {
    let location = config(use_lockfile).locate(Backend::S3, &"default".parse().unwrap());
    check_locking(&location.unwrap()).into_iter().collect()
}

fn located(backend: Backend) -> Found {
    found(config(None).locate(backend, &"default".parse().unwrap()))
}
