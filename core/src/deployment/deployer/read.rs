//! Reading the ledger while others write it: all that a claim depends on, or one record.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::backoff::{Retry, between_torn, by, is_past};
use super::handover::Neighbours;
use super::{Deployer, Request};
use crate::approval::Reviews;
use crate::deployment::History;
use crate::deployment::approved::Agreed;
use crate::deployment::rules::OnRecord;
use crate::deployment::survey::{self, Pending, Survey};
use crate::git::{ObjectId, Snapshot};
use crate::ledger::{Entry, LedgerError, RefStore, Slot};
use crate::policy::{self, Announced, OrderSurvey};
use crate::queue::QueueRecord;
use crate::queue::survey::QueueToEnter;
use crate::record::Record;
use crate::settings::{self, SettingsSurvey};
use crate::{DeploymentId, Timestamp};

/// How often records may have moved on before they could be read. More often they are lost.
const MOVES: u32 = 64;

/// How often a listing may have been made while one transaction was carried out. More often somebody
/// moved a ref by hand.
const TORN: u32 = 3;

/// How often one and the same object may be missing. What moved on is another object in the next listing;
/// what is listed that often without being there is lost. A remote of several machines may list it before
/// all of them have it.
const MISSING: u32 = 5;

/// Counts how often records had moved on.
#[derive(Default)]
pub(super) struct Moves {
    all: u32,
    /// The object that was missing last, and how often.
    last: Option<(ObjectId, u32)>,
    /// When there is no time left to look again.
    ends: Option<Instant>,
}

impl Moves {
    /// Until then.
    pub(super) fn until(ends: Option<Instant>) -> Self {
        Self { ends, ..Self::default() }
    }

    /// Whether a record that could not be read only moved on, so that it is to be read anew.
    pub(super) fn excuse(&mut self, error: &LedgerError) -> bool {
        let Some(missing) = error.missing() else { return false };
        let same = self.last.filter(|(object, _)| *object == missing).map_or(0, |(_, times)| times);
        self.last = Some((missing, same + 1));
        self.all += 1;
        self.all <= MOVES && same + 1 < MISSING && !is_past(self.ends)
    }
}

/// What was read before a claim.
pub(super) struct View {
    pub(super) survey: Survey,
    pub(super) settings: SettingsSurvey,
    pub(super) history: History,
    pub(super) committed_at: Option<Timestamp>,
    /// The kind of what the version's tag leads to, where that is no commit.
    pub(super) strange_tag: Option<String>,
    /// Which of the records that it names exist.
    pub(super) on_record: OnRecord,
    /// What happened in the environments that come before.
    pub(super) order: OrderSurvey,
    /// The approvals of the configuration, each of one commit.
    pub(super) agreed: Agreed,
    /// What the ledger says of the commit.
    pub(super) reviews: Reviews,
    /// Whether a deployment to whatever environment has the new one's ID.
    pub(super) id_is_taken: bool,
    /// When this was asked for, by the clock that only runs forward.
    pub(super) read_at: Instant,
}

impl View {
    /// The queue as it was found, and its object.
    pub(super) fn found(&self) -> Option<(ObjectId, &QueueRecord)> {
        let QueueToEnter { record, object, .. } = self.survey.queue();
        object.map(|object| (object, record))
    }

    /// The queue to enter, empty where there is none yet.
    pub(super) const fn queue(&self) -> &QueueRecord {
        &self.survey.queue().record
    }

    /// Whether the listing shows the whole of the transaction that last changed the queue with other
    /// refs beside it. To readers, a remote may show them one by one.
    fn is_of_one_piece(&self) -> bool {
        let snapshot = self.survey.snapshot();
        let object_of = |name: &str| Some(snapshot.get(name)?.object.to_string());
        self.queue().is_shown_whole(|name| object_of(name.as_str()))
    }

    /// What the next write of the queue has to find.
    pub(super) const fn queue_object(&self) -> Option<ObjectId> {
        self.survey.queue().object
    }

    /// How long the newest deployments took.
    pub(super) fn durations(&self) -> Vec<Duration> {
        self.history.durations()
    }
}

impl<S: RefStore> Deployer<'_, S> {
    /// Reads all that a claim depends on, and tells the neighbours of the queue.
    pub(super) async fn look_for_all(
        &self,
        request: &Request,
        neighbours: &Neighbours,
        retry: Retry,
        ends: Option<Instant>,
    ) -> Result<View, LedgerError> {
        let asked = neighbours.ask();
        let view = Box::pin(self.look(request, retry, ends)).await?;
        if view.queue().scope() == *neighbours.scope() {
            neighbours.saw(asked, view.found());
        }
        Ok(view)
    }

    /// Reads all that a claim depends on: one listing, and what is missing here in one fetch.
    ///
    /// What was overtaken before it could be read is looked at anew, until the time to wait `ends`.
    async fn look(
        &self,
        request: &Request,
        retry: Retry,
        ends: Option<Instant>,
    ) -> Result<View, LedgerError> {
        let (mut looks, mut moves, mut torn) = (0, Moves::until(ends), 0);
        let (mut last, mut slowest) = (None, Duration::ZERO);
        loop {
            let began = Instant::now();
            match Box::pin(self.look_once(request)).await {
                Err(error) if moves.excuse(&error) => {}
                Ok(view) if !view.is_of_one_piece() => {
                    let queue = view.queue_object();
                    torn = if last == queue { torn + 1 } else { 1 };
                    if torn > TORN {
                        return Ok(view);
                    }
                    (last, slowest) = (queue, slowest.max(began.elapsed()));
                    sleep(between_torn(torn, slowest)).await;
                    continue;
                }
                other => return other,
            }
            looks += 1;
            if retry == Retry::Later {
                // After the time to wait there is one more look, which says what is wrong.
                by(ends, self.back_off(&request.id, looks, began.elapsed())).await;
            }
        }
    }

    async fn look_once(&self, request: &Request) -> Result<View, LedgerError> {
        self.ledger.store().refresh();
        let read_at = Instant::now();
        let ledger = self.ledger.as_listed().await?;
        Box::pin(survey::bring_for(&ledger, &request.environment, Some(request.commit_sha)))
            .await?;
        let survey = Box::pin(survey::survey(&ledger, self.grammar, request.scope())).await?;
        let settings = Box::pin(settings::survey(&ledger, self.grammar.into())).await?;
        let (history, _) = Box::pin(survey::history(&ledger, &request.environment)).await?;
        let (commit, project) = (request.commit_sha, request.version.sub_project_path());
        let (approval, approvals) = (request.approval.as_ref(), &request.approvals);
        let agreed = Agreed::bind(approval, approvals, commit, project, &history);
        let committed_at = survey::committed_at(&ledger, &agreed, Some(commit)).await?;
        let reviews = Box::pin(survey.reviews(&ledger, Some(commit), &Pending::default())).await?;
        let id_is_taken = self.is_taken(survey.snapshot(), &request.id);
        let strange_tag = survey::strange_tag(&ledger, survey.releases(), &request.version).await?;
        let on_record =
            Box::pin(survey.on_record(&ledger, request.references(), OnRecord::default())).await?;
        let (version, alone) = (&request.version, Announced::default());
        let order =
            Box::pin(policy::survey(&ledger, self.grammar, &survey, version, &alone)).await?;
        Ok(View {
            survey,
            settings,
            history,
            committed_at,
            strange_tag,
            on_record,
            order,
            agreed,
            reviews,
            id_is_taken,
            read_at,
        })
    }

    fn is_taken(&self, snapshot: &Snapshot, id: &DeploymentId) -> bool {
        let shelf = self.ledger.all_deployments();
        snapshot.under(shelf.prefix()).any(|(name, _)| name.rsplit('/').next() == Some(id.as_str()))
    }

    /// Reads the queue as it is now, and tells the neighbours of it.
    pub(super) async fn read_queue(
        &self,
        neighbours: &Neighbours,
    ) -> Result<Option<Entry<QueueRecord>>, LedgerError> {
        let asked = neighbours.ask();
        let found = self.read_anew(&self.ledger.queue_of(neighbours.scope())).await?;
        let told = found.as_ref().map(|entry| (entry.object, &entry.record));
        neighbours.saw(asked, told);
        Ok(found)
    }

    /// Reads what a slot holds now. What was overtaken before it could be read is listed again.
    pub(super) async fn read_anew<T: Record>(
        &self,
        slot: &Slot<T>,
    ) -> Result<Option<Entry<T>>, LedgerError> {
        let mut moves = Moves::default();
        loop {
            self.ledger.store().refresh();
            match self.ledger.read(slot).await {
                Err(error) if moves.excuse(&error) => {}
                read => return read,
            }
        }
    }
}
