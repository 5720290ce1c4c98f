//! What an environment needs beyond its own values: its files in the repository, what production
//! asks for, and regions that the clouds know.

use super::{BackupStrategy, Concurrency, Environment, HostingProfile, StorageReplication};
use crate::base::known_regions::KnownRegions;
use crate::base::rule::RuleId;
use crate::base::violation::{FieldPath, Findings, Violation, quoted};
use crate::policy::{Order, circular};
use crate::queue::Queues;
use crate::sops::Problem;

/// What the repository holds of an environment, at the commit that is looked at. A
/// [survey](super::survey) gathers it; nobody else can say what is the case.
#[derive(Debug, Clone)]
pub struct EnvironmentFacts {
    /// The environment's folder.
    pub(crate) folder: Folder,
    /// A folder that was perhaps meant, where there is none.
    pub(crate) near: Option<String>,
    /// Git's ID of the folder's content, where there is a folder.
    pub(crate) tree: Option<String>,
    /// Its secrets file.
    pub(crate) secrets: SecretsFile,
    /// The regions that the clouds have.
    pub(crate) known_regions: KnownRegions,
    /// Which environments come before each, as this registration leaves it; empty, where none comes before this one.
    pub(crate) order: Order,
    /// Its queues.
    pub(crate) queues: Queues,
}

#[cfg(any(test, feature = "testing"))]
impl EnvironmentFacts {
    /// Facts that nobody gathered, for tests of the rules.
    #[must_use]
    pub const fn made_up(
        folder: Folder,
        secrets: SecretsFile,
        known_regions: KnownRegions,
    ) -> Self {
        let queues = Queues { own: None, of_sub_projects: Vec::new() };
        let order = Order::new();
        Self { folder, near: None, tree: None, secrets, known_regions, order, queues }
    }

    /// With these queues.
    #[must_use]
    pub fn with_queues(self, queues: Queues) -> Self {
        Self { queues, ..self }
    }
}

/// What stands at the path of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Folder {
    /// A folder, inside `environments/`.
    Present,
    /// Nothing.
    Missing,
    /// Something else than a folder.
    NotAFolder,
    /// A symbolic link on the way that leads out of `environments/`.
    Escapes {
        /// The link and where it leads, such as `environments/prod -> ../../etc`.
        link: String,
    },
}

/// What stands at the path of a secrets file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretsFile {
    /// A file that SOPS encrypted.
    Encrypted,
    /// Nothing.
    Missing,
    /// A file that is not, or not wholly, encrypted.
    NotEncrypted {
        /// What is wrong with it, without any value.
        problems: Vec<Problem>,
    },
}

/// Checks an environment: ENV002 to ENV006, ENV012 to ENV014, POL006, REG004, and BUS001 where sub-projects lose
/// their queues.
#[must_use]
pub fn check(environment: &Environment, facts: &EnvironmentFacts) -> Vec<Violation> {
    let mut findings = Findings::new();
    findings.extend(folder_fault(environment.config_path.as_str(), facts));
    let secrets = secrets_faults(environment.secrets_file.as_str(), &facts.secrets);
    findings.extend(secrets.into_iter().map(|fault| fault.under("secrets_file")));
    findings.extend(production_faults(environment));
    findings.extend(mapping_faults(environment, &facts.known_regions));
    findings.extend(circular(&environment.name, &facts.order));
    if environment.concurrency == Concurrency::Environment {
        findings.extend(facts.queues.in_use());
    }
    findings.into_vec()
}

/// What can be said without the repository: ENV005, ENV006 and ENV012 to ENV014.
#[must_use]
pub fn production_faults(environment: &Environment) -> Vec<Violation> {
    let mut findings = Findings::new();
    findings.require(environment.is_production || !environment.name.means_production(), || {
        Violation::new(
            RuleId::ENV005,
            "`false`",
            format!("`true`, because the name is {}", quoted(environment.name.as_str())),
            "Set `is_production = true`, or choose another name.",
        )
        .under("is_production")
    });
    let production = environment.is_production || environment.name.means_production();
    findings.require(!production || environment.requires_approval(), || {
        Violation::new(
            RuleId::ENV006,
            "a production environment without approvals",
            "one whose deployments need an approval",
            "Set `requires_approval = true`.",
        )
        .under("requires_approval")
    });
    if let Some(hosting) = environment.hosting.as_ref().filter(|_| production) {
        findings.extend(
            hosting_faults(hosting).into_iter().map(|fault| fault.under("hosting_profile")),
        );
    }
    findings.into_vec()
}

/// Checks every secrets file of a repository (SCY001), given each path and what stands there.
pub fn check_all_secrets<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a SecretsFile)>,
) -> Vec<Violation> {
    let faults = files.into_iter().flat_map(|(path, file)| {
        let faults = secrets_faults(path, file).into_iter();
        faults.map(move |fault| fault.under(FieldPath::root().key(path)))
    });
    faults.map(|fault| fault.as_rule(RuleId::SCY001)).collect()
}

fn folder_fault(path: &str, facts: &EnvironmentFacts) -> Option<Violation> {
    let path = quoted(path);
    let meant = facts.near.as_ref().map(|near| format!("Did you mean `{near}`?"));
    let (found, next) = match &facts.folder {
        Folder::Present => return None,
        Folder::Missing => {
            (format!("nothing at {path}"), "Add the folder to the repository, or correct the path.")
        }
        Folder::NotAFolder => (format!("a file at {path}"), "Write the path of a folder."),
        Folder::Escapes { link } => (
            format!("the symbolic link {} on the way to {path}", quoted(link)),
            "Replace the link by the folder itself.",
        ),
    };
    let expected = "a folder that lies within `environments/`";
    let next = meant.unwrap_or_else(|| next.to_owned());
    Some(Violation::new(RuleId::ENV002, found, expected, next).under("config_path"))
}

/// ENV003 and ENV004: what is wrong with a secrets file.
pub(crate) fn secrets_faults(path: &str, secrets: &SecretsFile) -> Vec<Violation> {
    let path = quoted(path);
    match secrets {
        SecretsFile::Encrypted => Vec::new(),
        SecretsFile::Missing => vec![Violation::new(
            RuleId::ENV003,
            format!("no file at {path}"),
            "the secrets file of the environment",
            "Commit the file, encrypted with SOPS, or correct the path.",
        )],
        SecretsFile::NotEncrypted { problems } => {
            let told = |problem: &Problem| {
                Violation::new(
                    RuleId::ENV004,
                    format!("{path}, where {problem}"),
                    "a file that SOPS encrypted",
                    problem.next(),
                )
            };
            let unnamed = [Problem::NoMetadata];
            let problems = if problems.is_empty() { &unnamed[..] } else { problems };
            problems.iter().map(told).collect()
        }
    }
}

fn hosting_faults(hosting: &HostingProfile) -> Vec<Violation> {
    let mut findings = Findings::new();
    let mut require = |holds: bool, rule, field: &'static str, found: String, right: &str| {
        findings.require(holds, || {
            let expected = format!("{right} in production");
            let next = format!("Set `{field}` to {right}.");
            Violation::new(rule, format!("`{found}`"), expected, next).under(field)
        });
    };
    let count = hosting.instance_count.get();
    require(count >= 2, RuleId::ENV012, "instance_count", count.to_string(), "2 or more");
    let backup = hosting.backup_strategy;
    let redundant = backup == BackupStrategy::ZoneRedundant;
    require(redundant, RuleId::ENV013, "backup_strategy", backup.to_string(), "`zone-redundant`");
    let replication = hosting.storage_replication;
    let readable = replication == StorageReplication::RaGrs;
    require(readable, RuleId::ENV014, "storage_replication", replication.to_string(), "`RA-GRS`");
    findings.into_vec()
}

fn mapping_faults(environment: &Environment, known: &KnownRegions) -> Vec<Violation> {
    let mut findings = Findings::new();
    for (index, region) in environment.regions.iter().enumerate() {
        for (cloud, name) in region.cloud_mappings.iter() {
            let at = FieldPath::from("regions").index(index).field("cloud_mappings").key(cloud);
            findings.extend(known.mapping_fault(cloud, name).map(|fault| fault.under(at)));
        }
    }
    findings.into_vec()
}
