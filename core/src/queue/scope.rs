//! Which deployments go one at a time: those of an environment, or those of each sub-project in it.
//!
//! The environment's own queue says which: once it names the sub-projects that have queues of their own,
//! nobody holds the environment itself. A sub-project gets its queue by the first deployment that needs
//! one, in a transaction that changes the environment's queue too, while nobody is in that; so does the
//! way back, which ends all of them. Who claims a queue that was ended, or a new one beside it, loses the
//! race.

use std::collections::BTreeSet;
use std::fmt;

use super::{QueueRecord, Succeeded};
use crate::base::violation::Violation;
use crate::{EnvironmentName, RuleId, SubProjectPath};

closed_list! {
    /// How many deployments to an environment are in progress at a time.
    #[derive(Default)]
    pub enum Concurrency breaks BUS001 {
        /// One.
        #[default]
        Environment = "environment",
        /// One of each sub-project.
        SubProject = "sub_project",
    }
}

/// The deployments of one queue.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueueScope {
    /// The environment.
    pub environment: EnvironmentName,
    /// The sub-project, where the queue is of it alone.
    pub sub_project_path: Option<SubProjectPath>,
}

/// A queue that changes together with the policy of its environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewrite {
    /// Which.
    pub scope: QueueScope,
    /// The object that it was read from, as hexadecimal digits.
    pub before: String,
    /// What it is then; nothing where it is deleted.
    pub next: Option<QueueRecord>,
}

/// All queues of an environment, each with the object that it was read from, as hexadecimal digits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Queues {
    /// The environment's own.
    pub own: Option<(QueueRecord, String)>,
    /// Those of its sub-projects, in the order of their refs.
    pub of_sub_projects: Vec<(QueueRecord, String)>,
}

/// The folder of the refs of sub-projects' queues. No environment has such a name.
pub(crate) fn folder(environment: &EnvironmentName) -> String {
    format!("{environment}+")
}

impl QueueScope {
    /// Everything that is deployed to an environment.
    #[must_use]
    pub const fn whole(environment: EnvironmentName) -> Self {
        Self { environment, sub_project_path: None }
    }

    /// What is deployed of one sub-project.
    #[must_use]
    pub const fn part(environment: EnvironmentName, project: SubProjectPath) -> Self {
        Self { environment, sub_project_path: Some(project) }
    }

    /// The name of its ref below that of all queues.
    ///
    /// Git stores no ref below another, and `services` may be a sub-project beside `services/api`. So folders
    /// end with an odd number of plus signs, and refs with an even one: each plus sign of a name stands twice.
    #[must_use]
    pub fn key(&self) -> String {
        let Some(project) = &self.sub_project_path else { return self.environment.to_string() };
        let folder = folder(&self.environment);
        if project.is_root() {
            return format!("{folder}/+");
        }
        let doubled = project.as_str().replace('+', "++");
        format!("{folder}/{}", doubled.replace('/', "+/"))
    }
}

impl fmt::Display for QueueScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let environment = &self.environment;
        match &self.sub_project_path {
            None => write!(f, "`{environment}`"),
            Some(root) if root.is_root() => write!(f, "the root project in `{environment}`"),
            Some(project) => write!(f, "`{project}` in `{environment}`"),
        }
    }
}

impl QueueRecord {
    /// Whose queue it is.
    #[must_use]
    pub fn scope(&self) -> QueueScope {
        let (environment, project) = (self.environment.clone(), self.sub_project_path.clone());
        QueueScope { environment, sub_project_path: project }
    }

    /// Whether nobody holds the environment or waits for it, as far as this queue tells.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        !self.is_held() && self.waiting.is_empty()
    }

    /// Whether sub-projects have queues of their own.
    #[must_use]
    pub const fn is_split(&self) -> bool {
        self.sub_projects.is_some()
    }

    /// Whether this sub-project has a queue of its own.
    #[must_use]
    pub fn has_part(&self, project: &SubProjectPath) -> bool {
        self.sub_projects.as_ref().is_some_and(|all| all.contains(project))
    }

    /// The queue of an environment once this sub-project has one of its own.
    #[must_use]
    pub fn split_off(mut self, project: &SubProjectPath) -> Self {
        self.sub_projects.get_or_insert_default().insert(project.clone());
        self.written_beside([])
    }

    /// The queue of a sub-project that had none up to now.
    #[must_use]
    pub fn part(&self, project: &SubProjectPath) -> Self {
        let of_project = |it: &&Succeeded| it.sub_project_path == *project;
        Self {
            sub_project_path: Some(project.clone()),
            succeeded: self.succeeded.iter().filter(of_project).cloned().collect(),
            ended_at: self.ended_at,
            ..Self::new(self.environment.clone())
        }
    }

    /// The queue of an environment whose sub-projects have none of their own any more.
    #[must_use]
    pub fn joined<'a>(mut self, parts: impl IntoIterator<Item = &'a Self>) -> Self {
        for part in parts {
            let of_part =
                |it: &Succeeded| Some(&it.sub_project_path) == part.sub_project_path.as_ref();
            self.succeeded.retain(|it| !of_part(it));
            self.succeeded.extend(part.succeeded.iter().cloned());
            self.ended_at = self.ended_at.max(part.ended_at);
        }
        self.sub_projects = None;
        self.written_beside([])
    }

    /// BUS001, where nobody holds the environment itself.
    pub(super) fn is_of_parts(&self) -> Option<Violation> {
        self.is_split().then(|| {
            Violation::new(
                RuleId::BUS001,
                format!("queues of the sub-projects of `{}`", self.environment),
                "one queue, because its policy says `concurrency = \"environment\"`",
                format!(
                    "Register `{}` with `concurrency = \"sub_project\"`, and, if that is not meant, without it \
                     again once nobody deploys.",
                    self.environment
                ),
            )
            .under("environment")
        })
    }
}

impl Queues {
    /// All of them, the environment's own first.
    pub fn all(&self) -> impl Iterator<Item = &QueueRecord> {
        self.own.iter().chain(&self.of_sub_projects).map(|(queue, _)| queue)
    }

    /// What is written when sub-projects shall have no queues of their own any more; nothing where they have
    /// none.
    #[must_use]
    pub fn join(&self) -> Vec<Rewrite> {
        let is_split = self.own.as_ref().is_some_and(|(own, _)| own.is_split());
        if !is_split && self.of_sub_projects.is_empty() {
            return Vec::new();
        }
        let parts = self.of_sub_projects.iter().map(|(queue, _)| queue);
        let own = self.own.iter().map(|(own, object)| Rewrite {
            scope: own.scope(),
            before: object.clone(),
            next: Some(own.clone().joined(parts.clone())),
        });
        let parts = self.of_sub_projects.iter().map(|(part, object)| Rewrite {
            scope: part.scope(),
            before: object.clone(),
            next: None,
        });
        own.chain(parts).collect()
    }

    /// BUS001, where queues of sub-projects would have to end while somebody is in one.
    #[must_use]
    pub fn in_use(&self) -> Option<Violation> {
        if self.join().is_empty() {
            return None;
        }
        let busy = self.all().find(|queue| !queue.is_idle())?;
        let who = match (busy.holding(), busy.waiting.first()) {
            (Some(holding), _) => format!("{} held by `{}`", busy.scope(), holding.by),
            (None, Some(first)) => {
                format!("`{}` waiting for {}", first.deployment_id, busy.scope())
            }
            (None, None) => return None,
        };
        let expected = "a change from `sub_project` to `environment` while nobody deploys there";
        let next = "Apply it when the deployments have ended; those of a killed process end when the next one of \
                    their sub-project takes their place.";
        Some(Violation::new(RuleId::BUS001, who, expected, next).under("concurrency"))
    }
}

/// The sub-projects that have queues, as a record lists them.
pub(super) type SubProjects = BTreeSet<SubProjectPath>;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(project: &str) -> String {
        QueueScope::part("staging".parse().unwrap(), project.parse().unwrap()).key()
    }

    #[test]
    fn refs_of_queues_read_as_what_they_are() {
        assert_eq!(QueueScope::whole("staging".parse().unwrap()).key(), "staging");
        assert_eq!(key(""), "staging+/+");
        assert_eq!(key("services/api"), "staging+/services+/api");
        assert_eq!(key("c++/x+"), "staging+/c+++++/x++");
    }

    proptest! {
        #[test]
        fn no_queue_stands_at_or_below_another(
            one in "([a+]{1,3}(/[a+]{1,3}){0,2})?",
            other in "([a+]{1,3}(/[a+]{1,3}){0,2})?",
        ) {
            prop_assume!(one != other);
            let (one, other) = (key(&one), key(&other));
            prop_assert_ne!(&one, &other);
            let folder = format!("{one}/");
            prop_assert!(!other.starts_with(&folder), "{one} {other}");
            let name = format!("refs/{one}");
            prop_assert!(name.parse::<crate::RefName>().is_ok());
        }
    }
}
