//! `pipeline_secrets`: the values of a secrets file, in memory only.

mod identities;

use std::collections::BTreeMap;

use pipeline_core::environment::{Environment as Domain, SecretsPath};
use pipeline_core::sops::Format;
use pipeline_core::sops::decrypt::{Handed, Prints};
use pipeline_core::{CommitSha, EnvironmentName, Violation, environment as environments, secret};
use tfplugin::{
    Computed, Diagnostic, Diagnostics, Ephemeral, EphemeralContext, Model, Path, Sensitive, Text,
};

use crate::error;
use crate::pipeline::Pipeline;
use crate::resources::environment;
use crate::session::Session;

/// The values of a file that SOPS encrypted, decrypted in memory. Nothing of them reaches a state, a plan or a disk,
/// and they are gone when the run ends. Terraform 1.10, OpenTofu 1.11 or later.
///
/// Give them to what takes ephemeral values, such as `secrets_wo` of a `pipeline_deployment`, write-only arguments of
/// other resources, and provider blocks.
///
/// The file is read at a commit of the repository, as YAML, JSON, dotenv, INI or any other bytes. Nothing is handed out
/// unless its MAC is right. The data key has to be encrypted for an X25519 recipient of age. The identity is looked for in
/// `SOPS_AGE_KEY`, in the file of `SOPS_AGE_KEY_FILE`, and in `sops/age/keys.txt` below `XDG_CONFIG_HOME`, else
/// `~/.config`. Key services, PGP, SSH keys, commands (`SOPS_AGE_KEY_CMD`) and several key groups are not supported.
#[derive(Debug, Clone, Model)]
#[tf(exactly_one_of(path, environment))]
pub struct Secrets {
    /// File, as a path in the repository, such as `environments/staging/secrets.enc`.
    pub path: Option<Text<SecretsPath>>,
    /// Environment whose secrets file is meant: the one that it is registered with, else `secrets.enc` in its folder.
    pub environment: Option<Text<EnvironmentName>>,
    /// Revision at which the file is read: a commit, branch or tag. Defaults to the head of the repository's default
    /// branch.
    pub r#ref: Option<String>,
    /// Each value as text, by its place: keys joined by dots, positions in brackets, as in `database.users[0].password`.
    /// A dotenv file gives its names, an INI file `section.name` (`DEFAULT.name` before the first section), a file
    /// without structure the one value `data`, where it is text. What is null is left out.
    pub values: Computed<Sensitive<BTreeMap<String, String>>>,
    /// All of it as JSON, with numbers, truth values and null, for `jsondecode`: an object, or a list of objects for
    /// YAML of several documents. Null for a file without structure.
    pub json: Computed<Option<Sensitive<String>>>,
    /// Bytes of a file without structure, in base64. Null for any other.
    pub content_base64: Computed<Option<Sensitive<String>>>,
    /// How the file is written: `yaml`, `json`, `dotenv`, `ini` or `binary`.
    pub format: Computed<String>,
    /// Commit at which the file was read.
    pub commit_sha: Computed<String>,
}

impl Ephemeral for Secrets {
    const NAME: &'static str = "pipeline_secrets";
    type Provider = Pipeline;

    async fn open(self, cx: &EphemeralContext<Self>) -> Result<Self, Diagnostics> {
        // Reading can be dropped at any moment.
        cx.stop.unless(self.read(cx)).await?
    }
}

impl Secrets {
    async fn read(self, cx: &EphemeralContext<Self>) -> Result<Self, Diagnostics> {
        let session = cx.provider.open().await?;
        let repository = session.repository;
        let commit = environments::commit_to_look_at(repository, self.r#ref.as_deref()).await;
        let commit = commit.map_err(|error| error::git(&error, &Self::REF.into()))?;
        let (path, named_by) = self.file(&session).await?;
        let identities = identities::find(&session.settings.surroundings);
        let found = secret::in_file(repository, commit, &path, identities).await;
        let found = found.map_err(|error| error::git(&error, &Path::root()))?;
        let secrets = found.map_err(|faults| blamed(&faults, &named_by))?;
        let handed = secrets.hand_out(Prints::Nothing);
        let handed = handed.map_err(|fault| blamed(&[fault], &named_by))?;
        Ok(self.shown(&handed, commit))
    }

    /// The file, and the argument that names it.
    async fn file(&self, session: &Session<'_>) -> Result<(SecretsPath, Path), Diagnostics> {
        if let Some(path) = &self.path {
            return Ok((path.0.clone(), Self::PATH.into()));
        }
        let Some(name) = &self.environment else {
            // The schema asks for one of the two.
            return Err(Diagnostics::new());
        };
        let registered = environment::entry(session, name).await?.map(|entry| entry.record);
        let path = match registered {
            Some(record) => record.environment.secrets_file.clone(),
            None => Domain::by_convention(name.0.clone()).secrets_file.clone(),
        };
        Ok((path, Self::ENVIRONMENT.into()))
    }

    fn shown(self, handed: &Handed, commit: CommitSha) -> Self {
        let values = handed.values().map(|(place, value)| (place.to_owned(), value.to_owned()));
        let json = handed.json().map(|json| Sensitive::new(json.to_owned()));
        let content = handed.content_base64().map(Sensitive::new);
        Self {
            values: Sensitive::new(values.collect::<BTreeMap<_, _>>()).into(),
            json: json.into(),
            content_base64: content.into(),
            format: word(handed.format()).to_owned().into(),
            commit_sha: commit.to_string().into(),
            ..self
        }
    }
}

/// All of them at the argument that names the file.
fn blamed(faults: &[Violation], path: &Path) -> Diagnostics {
    let at = |fault| Diagnostic { path: path.clone(), ..error::violation_under(fault, path) };
    let mut out = Diagnostics::new();
    out.extend(faults.iter().map(at));
    out
}

const fn word(format: Format) -> &'static str {
    match format {
        Format::Yaml => "yaml",
        Format::Json => "json",
        Format::Dotenv => "dotenv",
        Format::Ini => "ini",
        _ => "binary",
    }
}
