//! The machine around the provider: environment variables, the clock and randomness.
//!
//! They are read here and handed on as values, so that everything else is a function of its arguments.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use pipeline_core::Actor;
use pipeline_core::base::ci;
use pipeline_core::base::timestamp::Timestamp;
use pipeline_core::files;

/// The variables that matter, beside those of CI systems; all others are not even read.
const VARIABLES: &[&str] = &[
    "ALLOW_PROTECTED_TAG_PUSH",
    "GITHUB_ACTOR",
    "GITHUB_REPOSITORY",
    "GITHUB_RUN_ID",
    "GITHUB_SERVER_URL",
    "GITHUB_TRIGGERING_ACTOR",
    "HOME",
    "PIPELINE_REPOSITORY",
    "TF_DATA_DIR",
    "TF_WORKSPACE",
    "TRACEPARENT",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
];

/// Those of them that name the person who triggered a run of GitHub Actions.
const PEOPLE: [&str; 2] = ["GITHUB_ACTOR", "GITHUB_TRIGGERING_ACTOR"];

/// The longest name of a workspace that is read, in bytes.
const LONGEST_NAME: u64 = 1024;

/// What the provider knows of the machine it runs on.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    variables: Arc<BTreeMap<&'static str, String>>,
}

impl Surroundings {
    /// Reads the variables of this process.
    #[must_use]
    pub fn of_this_process() -> Self {
        let read = |name: &&'static str| std::env::var(name).ok().map(|value| (*name, value));
        let all = VARIABLES.iter().chain(ci::VARIABLES);
        Self { variables: Arc::new(all.filter_map(read).collect()) }
    }

    /// A variable, where it is set and not empty.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).filter(|value| !value.is_empty()).cloned()
    }

    /// A variable that a configuration passes on to its commands, or that holds a key, where it is set. It is read
    /// when it is needed, and not kept.
    #[must_use]
    pub fn passed_on(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    /// Whether this is a CI job (SCY003).
    #[must_use]
    pub fn is_ci(&self) -> bool {
        ci::is_ci(|name| self.variable(name))
    }

    /// What GitHub Actions calls whoever runs this.
    #[must_use]
    pub fn people(&self) -> Vec<Actor> {
        let people = PEOPLE.map(|name| self.variable(name));
        people.into_iter().flatten().filter_map(|name| name.parse().ok()).collect()
    }

    /// Where programs keep what a person sets up, as Go's libraries find it; nothing where there is no home.
    #[must_use]
    pub fn config_directory(&self) -> Option<PathBuf> {
        let in_home =
            if cfg!(target_os = "macos") { "Library/Application Support" } else { ".config" };
        let home = || self.variable("HOME").map(|home| PathBuf::from(home).join(in_home));
        self.variable("XDG_CONFIG_HOME").map(PathBuf::from).or_else(home)
    }

    /// Where clones of repositories given by URL are kept.
    #[must_use]
    pub fn cache_directory(&self) -> PathBuf {
        let home = || self.variable("HOME").map(|home| PathBuf::from(home).join(".cache"));
        self.variable("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(home)
            .unwrap_or_else(std::env::temp_dir)
            .join("terraform-provider-pipeline")
    }

    /// What tells this configuration from others on the machine: its folder and its workspace.
    #[must_use]
    pub fn configuration(&self) -> String {
        let folder = std::env::current_dir().unwrap_or_default();
        let data = self.variable("TF_DATA_DIR").map_or_else(|| ".terraform".into(), PathBuf::from);
        let selected = || {
            let (name, _) =
                files::read(&folder.join(data).join("environment"), LONGEST_NAME).ok()?;
            String::from_utf8(name).ok()
        };
        let workspace = self.variable("TF_WORKSPACE").or_else(selected).unwrap_or_default();
        format!("{}\n{}", folder.display(), workspace.trim())
    }

    /// Random bytes; on a machine without any, the time stands in.
    #[must_use]
    pub fn random(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        if getrandom::fill(&mut bytes).is_err() {
            bytes = jiff::Timestamp::now().as_nanosecond().to_le_bytes();
        }
        bytes
    }

    /// The time now, to the second.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_jiff(self.instant())
    }

    /// The time now, as exactly as the clock tells it.
    #[must_use]
    pub fn instant(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }
}
