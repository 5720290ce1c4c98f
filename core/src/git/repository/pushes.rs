//! Carries out transactions by pushes, with what is known of the remote deciding what each caller is
//! told.
//!
//! A push that got no answer is never repeated before the remote was asked whether it arrived
//! after all; a refused compare-and-swap is never repeated (DEP054). Where one transaction spoils
//! a push, the others go again without it.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::sync::Arc;

use super::command::Answer;
use super::fetch::Fetches;
use super::hidden;
use super::neighbour::Neighbour;
use super::objects::Objects;
use super::parse;
use super::pending::Pending;
use super::push::{self, Verdict};
use super::scratch::Scratch;
use super::settings::ATTEMPTS;
use super::shares;
use super::transport::Transport;
use super::truth::Truth;
use crate::git::commit_error::{CommitError, Rejection};
use crate::git::error::GitError;
use crate::git::object_id::ObjectId;
use crate::git::obstacle::Obstacle;
use crate::git::transaction::{RefUpdate, Transaction};

/// Transactions that go in one push, and how often that was tried.
struct Group {
    members: Vec<Pending>,
    attempts: u32,
    /// Whether an earlier push of them got no answer.
    in_doubt: bool,
}

/// One push that was made, and what is known of those before it.
struct Round<'a> {
    /// What git said.
    answer: &'a Answer,
    /// How many transactions it carried.
    size: usize,
    /// Which attempt it was.
    attempts: u32,
    /// Whether an earlier one got no answer.
    in_doubt: bool,
}

/// The pushes of one repository.
pub(crate) struct Pushes {
    transport: Arc<Transport>,
    objects: Arc<Objects>,
    truth: Arc<Truth>,
    fetches: Arc<Fetches>,
    /// Whether the remote said that it cannot update several refs at once.
    lacks_atomic: bool,
}

impl Pushes {
    pub(crate) fn new(
        (transport, objects, truth): (Arc<Transport>, Arc<Objects>, Arc<Truth>),
        fetches: Arc<Fetches>,
    ) -> Self {
        Self { transport, objects, truth, fetches, lacks_atomic: false }
    }

    /// Pushes transactions that touch different refs, and answers each.
    pub(crate) async fn carry_out(&mut self, members: Vec<Pending>) {
        let is_hosted = self.truth.neighbour().is_none();
        let shares = if is_hosted { shares::divide(members, tags_of) } else { vec![members] };
        let first = |members| Group { members, attempts: 0, in_doubt: false };
        let mut groups: Vec<Group> = shares.into_iter().rev().map(first).collect();
        while let Some(group) = groups.pop() {
            if !group.members.is_empty() {
                groups.extend(self.push(group).await);
            }
        }
    }

    /// One push; what has to go again comes back.
    async fn push(&mut self, group: Group) -> Vec<Group> {
        let Some(remote) = self.transport.remote() else { return Vec::new() };
        let Group { members, attempts, in_doubt } = group;
        let members = self.refuse_without_atomic(members);
        if members.is_empty() {
            return Vec::new();
        }
        let changes: Vec<&Transaction> = members.iter().map(|pending| &pending.change).collect();
        let atomic = changes.iter().any(|change| change.updates().len() > 1);
        let arguments = push::arguments(remote, &changes, atomic);
        let answer = match self.push_from_stores(arguments, &changes).await {
            Ok(answer) => answer,
            Err(error) => return fail(members, &CommitError::Git(error)),
        };
        if let Some(id) = parse::missing_history(&answer.stderr) {
            let missing = GitError::MissingObject { id, shallow: true };
            return fail(members, &CommitError::Git(missing));
        }
        if atomic && parse::lacks_atomic(&answer.stderr) {
            self.lacks_atomic = true;
            return vec![Group { members, attempts, in_doubt }];
        }
        let verdicts = push::verdicts(&answer, &changes);
        let (size, attempts) = (members.len(), attempts + 1);
        let round = Round { answer: &answer, size, attempts, in_doubt };
        self.judge(members, verdicts, &round).await
    }

    /// Runs `git push`, with the new objects in a store of their own: nothing is left in the clone.
    async fn push_from_stores(
        &self,
        arguments: Vec<OsString>,
        changes: &[&Transaction],
    ) -> Result<Answer, GitError> {
        let needs = self.objects.needs(changes.iter().flat_map(|change| change.new_objects()));
        let store = Scratch::new("push")?;
        if !needs.new.is_empty() {
            self.objects.pack(&needs.new, &store.packs()?)?;
        }
        let mut beside = vec![store.path().to_owned()];
        beside.extend(self.fetches.object_store());
        // Git looks at every object of a store that the remote has, too: a store that is not
        // needed makes each push slower.
        if !needs.old.iter().all(|id| self.objects.owns(*id)) {
            beside.extend(self.truth.neighbour().map(Neighbour::object_store));
        }
        // Without history git would take what the remote has for new, and look for all that leads there.
        let negotiates = !self.fetches.has_all_history() && !self.are_at_refs(&needs.old);
        let settings = if negotiates { ["push.negotiate=true"].as_slice() } else { &[] };
        self.transport.call_with(settings, arguments, &beside).await
    }

    /// Whether a ref of the remote leads to each of these objects at once, which tells git that it has them.
    fn are_at_refs(&self, old: &BTreeSet<ObjectId>) -> bool {
        let Some(snapshot) = self.truth.current() else { return false };
        let known: BTreeSet<ObjectId> = snapshot.iter().map(|(_, found)| found.target()).collect();
        old.is_subset(&known)
    }

    /// Where the remote cannot update several refs at once, those who need it are told so.
    fn refuse_without_atomic(&self, members: Vec<Pending>) -> Vec<Pending> {
        if !self.lacks_atomic {
            return members;
        }
        let (several, single): (Vec<_>, Vec<_>) =
            members.into_iter().partition(|pending| pending.change.updates().len() > 1);
        for pending in several {
            let refs = pending.change.updates().iter().map(|update| update.name.clone()).collect();
            let remote = self.transport.shown().to_owned();
            pending.answer(Err(CommitError::NoAtomic { remote, refs }));
        }
        single
    }

    /// Answers those whose fate is known after a push, and says how the others go on.
    async fn judge(
        &self,
        members: Vec<Pending>,
        verdicts: Vec<Verdict>,
        round: &Round<'_>,
    ) -> Vec<Group> {
        let mut open = Vec::new();
        for (mut pending, verdict) in members.into_iter().zip(verdicts) {
            pending.tried(round.attempts);
            match verdict {
                Verdict::Done => self.succeed(pending).await,
                other => open.push((pending, other)),
            }
        }
        if open.is_empty() {
            return Vec::new();
        }
        if open.iter().any(|(_, verdict)| *verdict == Verdict::Unanswered) {
            let silent = open.into_iter().map(|(pending, _)| pending).collect();
            return self.after_silence(silent, round).await;
        }
        self.after_refusal(open, round).await
    }

    /// It happened; the first record of a ledger is looked for where it should be now.
    async fn succeed(&self, pending: Pending) {
        let Some(record) = hidden::first_record(&pending.change, &self.truth) else {
            return pending.succeed(&self.truth);
        };
        match hidden::not_shown(record, &self.truth, &self.transport).await {
            Some(error) => {
                self.truth.follow(&pending.change);
                pending.answer(Err(error));
            }
            None => pending.succeed(&self.truth),
        }
    }

    /// The remote answered, and not all went well.
    async fn after_refusal(&self, open: Vec<(Pending, Verdict)>, round: &Round<'_>) -> Vec<Group> {
        let all_refused = open.len() == round.size
            && open.iter().all(|(_, verdict)| matches!(verdict, Verdict::Refused(_)));
        let snapshot = match self.truth.relist().await {
            Ok(snapshot) => snapshot,
            Err(error) => {
                return fail(open.into_iter().map(|(pending, _)| pending), &error.into());
            }
        };
        let mut again = Vec::new();
        for (pending, verdict) in open {
            let settled = pending.settle(&snapshot, round.in_doubt, &self.truth);
            let Some(pending) = settled else { continue };
            match verdict {
                // Where a hook looks at the whole push, only fewer at a time show whom it means.
                Verdict::Refused(refs) if round.size == 1 || !all_refused => {
                    let error = refused(&pending.change, &refs);
                    pending.answer(Err(error));
                }
                Verdict::Stale if round.size == 1 => {
                    let error = hidden::unseen(&pending.change, self.truth.ledger_prefix());
                    let otherwise =
                        || CommitError::rejected(&pending.change, &round.answer.detail());
                    let error = error.unwrap_or_else(otherwise);
                    pending.answer(Err(error));
                }
                _ => again.push(pending),
            }
        }
        self.regroup(again, round).await
    }

    /// Those that were in each other's way go in halves; one that was alone waits for a lock, or
    /// is told what was in its way.
    async fn regroup(&self, mut again: Vec<Pending>, round: &Round<'_>) -> Vec<Group> {
        if again.is_empty() {
            return Vec::new();
        }
        let (attempts, in_doubt) = (round.attempts, round.in_doubt);
        if again.len() < round.size {
            return vec![Group { members: again, attempts: 0, in_doubt }];
        }
        if parse::is_locked(&round.answer.stderr) && attempts < ATTEMPTS {
            self.transport.pause_after(attempts).await;
            return vec![Group { members: again, attempts, in_doubt }];
        }
        if again.len() == 1 {
            return fail_each(again, |change| {
                CommitError::rejected(change, &round.answer.detail())
            });
        }
        let half = again.split_off(again.len() / 2);
        let group = |members| Group { members, attempts: 0, in_doubt };
        vec![group(half), group(again)]
    }

    /// The connection failed: whether the push arrived after all, only the refs can tell.
    async fn after_silence(&self, mut members: Vec<Pending>, round: &Round<'_>) -> Vec<Group> {
        let mut attempts = round.attempts;
        let hopeless = Obstacle::read(&round.answer.stderr).is_permanent();
        loop {
            let last = hopeless || attempts >= ATTEMPTS;
            if !last {
                self.transport.pause_after(attempts).await;
            }
            match self.truth.relist().await {
                Ok(snapshot) => {
                    let open = |mut pending: Pending| {
                        pending.tried(attempts);
                        pending.settle(&snapshot, true, &self.truth)
                    };
                    members = members.into_iter().filter_map(open).collect();
                    if last {
                        return fail(members, &self.unreachable(attempts, round.answer, false));
                    }
                    return vec![Group { members, attempts, in_doubt: true }];
                }
                Err(_) if last => {
                    let in_doubt = !parse::was_never_sent(&round.answer.stderr);
                    return fail(members, &self.unreachable(attempts, round.answer, in_doubt));
                }
                Err(_) => attempts += 1,
            }
        }
    }

    fn unreachable(&self, attempts: u32, answer: &Answer, in_doubt: bool) -> CommitError {
        let (remote, detail) = (self.transport.shown().to_owned(), answer.detail());
        let obstacle = Obstacle::read(&answer.stderr);
        CommitError::Transport { remote, obstacle, attempts, detail, in_doubt }
    }
}

/// How many tags a transaction touches.
fn tags_of(pending: &Pending) -> usize {
    let is_tag = |update: &&RefUpdate| update.name.as_str().starts_with("refs/tags/");
    pending.change.updates().iter().filter(is_tag).count()
}

fn fail(members: impl IntoIterator<Item = Pending>, error: &CommitError) -> Vec<Group> {
    fail_each(members, |_| error.clone())
}

fn fail_each(
    members: impl IntoIterator<Item = Pending>,
    error: impl Fn(&Transaction) -> CommitError,
) -> Vec<Group> {
    for pending in members {
        let error = error(&pending.change);
        pending.answer(Err(error));
    }
    Vec::new()
}

/// The refs that the remote named, each with its own words.
fn refused(change: &Transaction, refs: &[(String, String)]) -> CommitError {
    let said = |name: &str| refs.iter().find(|(other, _)| other == name).map(|(_, r)| r.clone());
    let rejections = change
        .updates()
        .iter()
        .filter_map(|update| {
            let said = said(update.name.as_str())?;
            Some(Rejection { name: update.name.clone(), said })
        })
        .collect();
    CommitError::Rejected { rejections }
}
