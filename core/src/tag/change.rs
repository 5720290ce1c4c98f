//! Changes of tags: what is wanted, what forbids it, and the one transaction that makes it so, with its
//! audit record where an override is used (SCY004).
//!
//! Pure, apart from making the objects that the transaction points refs at.

use super::request::TagRequest;
use super::rules::{
    TagAction, TagChange, TagFacts, audit, check, check_stands, check_swap, lifted, no_room,
};
use super::survey::{Announced, TagSurvey};
use crate::base::actor::Author;
use crate::base::authority::Override;
use crate::base::checked::Checked;
use crate::base::secrecy::{recorded_secret, url_secret};
use crate::base::timestamp::Timestamp;
use crate::base::violation::Violation;
use crate::git::{Published, RefUpdate, Repository, Signature};
use crate::ledger::{Ledger, LedgerError, Staged};

/// What would happen to a tag.
#[derive(Debug, Clone)]
pub struct TagPlan<'a> {
    survey: TagSurvey<'a>,
    action: Option<TagAction>,
}

/// Says what would happen.
#[must_use]
pub fn plan(survey: TagSurvey<'_>) -> TagPlan<'_> {
    let action = survey.request.action(survey.facts.existing);
    TagPlan { survey, action }
}

impl<'a> TagPlan<'a> {
    /// What is wanted.
    #[must_use]
    pub const fn request(&self) -> &TagRequest {
        &self.survey.request
    }

    /// Whether a tag is left as it stands.
    #[must_use]
    pub fn changes_nothing(&self) -> bool {
        let stays = |action| matches!(action, TagAction::Move { from, to } if from == to);
        self.survey.taken_up.is_some() || self.action.is_none_or(stays)
    }

    /// All that forbids it.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        let mut found: Vec<Violation> = self.displaced().into_iter().collect();
        if let Some(change) = self.change() {
            found.extend(check(&change, &self.survey.facts));
            let message = self.request().message.as_deref().filter(|_| !self.changes_nothing());
            let secret = message.and_then(url_secret);
            found.extend(secret.map(|what| recorded_secret(what).under("message")));
        }
        found
    }

    /// Proof that nothing forbids it.
    ///
    /// # Errors
    /// All that does.
    pub fn check(self) -> Result<Checked<Self>, Vec<Violation>> {
        let found = self.violations();
        if found.is_empty() { Ok(Checked::new(self)) } else { Err(found) }
    }

    /// What an override lifts for it.
    #[must_use]
    pub fn lifted(&self) -> Vec<Violation> {
        self.change().map(|change| lifted(&change, &self.survey.facts)).unwrap_or_default()
    }

    /// Who lifts it.
    #[must_use]
    pub const fn lifted_by(&self) -> Option<&'a Override> {
        self.survey.facts.admin_override
    }

    /// Whether the remote leads to the commit already.
    #[must_use]
    pub const fn published(&self) -> &Published {
        &self.survey.facts.published
    }

    fn change(&self) -> Option<TagChange<'_>> {
        Some(TagChange { tag: &self.survey.request.tag, action: self.action? })
    }

    /// The tag has to stand where it was seen (TAG010, or the rule that keeps it where it is).
    fn displaced(&self) -> Option<Violation> {
        let TagRequest { tag, seen, .. } = &self.survey.request;
        let existing = self.survey.facts.existing;
        match (seen, existing, self.action) {
            (_, _, Some(TagAction::Replace { .. })) => return None,
            (_, _, Some(TagAction::Delete { .. })) => {}
            (Some(seen), Some(found), _) if !tag.is_movable() => {
                return check_stands(tag, *seen, found);
            }
            _ if !tag.is_movable() => return None,
            _ => {}
        }
        self.action?;
        check_swap(tag, *seen, existing).err().map(|lost| lost.under("tag_name"))
    }
}

impl Announced {
    /// A change that its rules allow, and that is about to be made.
    ///
    /// # Errors
    /// TAG013 where git has no room for it beside another one that is about to be made, OWN047 where that one's
    /// sub-project differs in case alone: two that were surveyed at the same time did not see each other.
    pub fn note(&mut self, plan: &Checked<TagPlan<'_>>) -> Result<(), Violation> {
        let TagRequest { tag, to: Some(commit), .. } = plan.request() else { return Ok(()) };
        if let Some(other) = self.in_the_way_of(tag.name()) {
            return Err(no_room(tag.name(), other.ref_name().as_str()));
        }
        let alike = self.alike(tag.sub_project_path().as_str());
        if let Some(alike) = alike.filter(|_| !plan.survey.has_versions) {
            return Err(alike.under("tag_name"));
        }
        self.0.insert(tag.name().clone(), *commit);
        Ok(())
    }
}

/// A change of a tag, ready to be committed.
#[derive(Debug)]
#[must_use = "nothing happens before it is committed"]
pub struct StagedTag {
    /// What [`Ledger::commit`] takes: the tag, and the audit record where an override is used.
    pub staged: Staged,
    /// When the tag was made as it stands.
    pub at: Timestamp,
}

impl Checked<TagPlan<'_>> {
    /// The transaction. It is signed where the user's git signs tags.
    ///
    /// # Errors
    /// When an object cannot be made, or a signature.
    pub async fn stage(
        self,
        ledger: &Ledger<Repository>,
        author: &Author,
    ) -> Result<StagedTag, LedgerError> {
        let plan = self.into_change();
        let (facts, request): (&TagFacts<'_>, _) = (&plan.survey.facts, &plan.survey.request);
        if let Some(found) = &plan.survey.taken_up {
            let at = found.created_at().unwrap_or(author.at);
            ledger.store().note_written(&[]);
            return Ok(StagedTag { staged: Staged::nothing(), at });
        }
        let Some(change) = plan.change().filter(|_| !plan.changes_nothing()) else {
            return Ok(StagedTag { staged: Staged::nothing(), at: author.at });
        };
        let name = request.tag.name();
        let by = Signature::from(author);
        let object = match request.to {
            Some(commit) => {
                let message = request.message.as_deref().unwrap_or(name.as_str());
                let store = ledger.store();
                let tag = store.write_tag_object(name.as_str(), commit, &by, message)?;
                Some(store.sign_tag(name.as_str(), tag).await?)
            }
            None => None,
        };
        let update = RefUpdate { name: name.ref_name(), expected: plan.survey.object, new: object };
        let record = audit(&change, facts, &author.actor, author.at);
        let staged = Staged::new(vec![update]).audited(ledger, record.as_ref(), &by)?;
        Ok(StagedTag { staged, at: author.at })
    }
}
