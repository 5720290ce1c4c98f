//! `pipeline_approval`: what a person decided about a version, in the ledger.
//!
//! Which rules it keeps is `pipeline_core::review`'s, what it is worth `pipeline_core::approval`'s; here is what
//! Terraform calls it.

mod model;

use pipeline_core::approval::{Review, ReviewRecord, Reviewed, Signed};
use pipeline_core::base::violation::quoted;
use pipeline_core::deployment::rules::untagged;
use pipeline_core::git::Repository;
use pipeline_core::ledger::{Ledger, Slot};
use pipeline_core::registration::{RegistrationSurvey, Removal};
use pipeline_core::review::{self, Announced, Subject};
use pipeline_core::{Actor, CommitSha, RuleId, Version, Violation};
use tfplugin::{Attr, Diagnostic, Diagnostics, Draft as _, Path, Resource, Text};

pub use model::Approval;
use model::ApprovalDraft;

use crate::error::{self, Blame as _};
use crate::pipeline::Pipeline;
use crate::registered::{self, Imports, RecordSlot, Registers, Unregisters};
use crate::session::Session;

/// Nobody's: no commit is named so.
const NO_COMMIT: CommitSha = CommitSha::from_bytes([0; 20]);

impl Resource for Approval {
    const NAME: &'static str = "pipeline_approval";
    type Provider = Pipeline;

    registered::steps!(plan, create, read, update, delete, import);

    fn validate(draft: &ApprovalDraft, out: &mut Diagnostics) {
        let Some(approval) = draft.settled() else { return };
        out.extend(error::all(&approval.faults(), &Path::root()));
    }
}

impl Approval {
    /// What is wrong with the arguments, whoever decides about whichever commit.
    pub(crate) fn faults(&self) -> Option<Violation> {
        self.review(Actor::unknown(), NO_COMMIT).faults()
    }

    /// The person of the state, else whoever applies it.
    fn person_or(&self, actor: Actor) -> Actor {
        self.person.get().and_then(|person| person.parse().ok()).unwrap_or(actor)
    }
}

impl Imports for Approval {
    fn id(identity: &ApprovalDraft) -> Option<String> {
        let (environment, version) = (identity.environment.known()?, identity.version.known()?);
        Some(format!("{environment}/{version}/{}", identity.person.known()?))
    }

    async fn find(id: &str, session: &Session<'_>) -> Result<RecordSlot<Self>, Diagnostics> {
        let Some((environment, subject, person)) = review::parts(id) else {
            return Err(no_id(id));
        };
        let commit = match subject {
            Subject::Version(version) => commit(session, &version).await?,
            Subject::Commit(commit) => commit,
        };
        Ok(session.ledger().approval(&environment, commit, &person))
    }
}

fn no_id(id: &str) -> Diagnostics {
    let detail = format!(
        "Found {}; expected `<environment>/<version>/<person>`, such as `production/api/v1.2.3/ada`. Next: write \
         the ID so.",
        quoted(id)
    );
    Diagnostic::error(Approval::ENVIRONMENT, "This is not the ID of an approval", detail).into()
}

/// The commit of a version, which has to have a tag, or to get one by the same plan.
async fn commit(session: &Session<'_>, version: &Version) -> Result<CommitSha, Diagnostics> {
    let releases = session.truth().await?.releases;
    let tagged = releases.get(version).map(|release| release.commit);
    tagged.or_else(|| session.planned_tag(&version.to_string())).ok_or_else(|| {
        let (near, strange) = (releases.near(version), releases.strange(version));
        let missing = untagged(RuleId::DEP007, version, near, strange);
        error::violations_at(&missing.into(), Approval::VERSION)
    })
}

impl Registers for Approval {
    type What = Review;
    const NAMED_BY: Attr = Self::VERSION;
    const IS_RENEWED: bool = true;

    registered::stamps!(registered_at);

    fn slot(&self, ledger: &Ledger<Repository>) -> Slot<ReviewRecord> {
        let commit = self.commit_sha.get().map_or(NO_COMMIT, |commit| commit.0);
        ledger.approval(&self.environment, commit, &self.person_or(Actor::unknown()))
    }

    fn continues(&self, prior: &Self) -> bool {
        self.environment == prior.environment && self.version == prior.version
    }

    fn says(&self, session: &Session<'_>, what: &Review) -> bool {
        self.review(self.person_or(session.actor()), what.commit_sha) == *what
    }

    fn of(what: &Review) -> Self {
        Self::of_review(what)
    }

    fn completed(self, what: &Review) -> Self {
        Self {
            person: what.person.to_string().into(),
            commit_sha: Text(what.commit_sha).into(),
            ..self
        }
    }

    async fn settled(self, prior: Option<&Self>) -> Result<Self, Diagnostics> {
        Ok(match prior.filter(|prior| self.continues(prior)) {
            Some(prior) if self.person.get().is_none() => {
                Self { person: prior.person.clone(), commit_sha: prior.commit_sha, ..self }
            }
            _ => self,
        })
    }

    fn announce(session: &Session<'_>, what: &Review) {
        session.plan_review(Reviewed {
            review: what.clone(),
            at: session.now(),
            stranger: None,
            signed: Signed::Yes,
        });
    }

    async fn survey(
        &self,
        session: &Session<'_>,
    ) -> Result<RegistrationSurvey<Review>, Diagnostics> {
        let commit = match self.commit_sha.get() {
            Some(commit) => commit.0,
            None => commit(session, &self.version).await?,
        };
        let review = self.review(self.person_or(session.actor()), commit);
        let announced = Announced {
            environment: session.planned_environment(&review.environment),
            version_tag: session.planned_tag(&review.version.to_string()),
        };
        let (ledger, grammar) = (session.ledger(), &session.settings.grammar);
        let by = (session.actor(), session.now());
        review::survey(&ledger, grammar, review, announced, by).await.blame(Path::root())
    }
}

impl Unregisters for Approval {
    async fn removal(&self, session: &Session<'_>) -> Result<Removal<Review>, Diagnostics> {
        let (ledger, by) = (session.ledger(), session.actor());
        review::survey_removal(&ledger, self.slot(&ledger), &by).await.blame(Path::root())
    }
}
