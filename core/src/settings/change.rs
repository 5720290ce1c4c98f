//! Registering the settings that are shared, or changing them for all.

use super::SharedSettings;
use super::rules::check;
use super::survey::SettingsSurvey;
use crate::audit::AuditRecord;
use crate::base::actor::Author;
use crate::base::authority::Override;
use crate::base::checked::Checked;
use crate::base::rule::RuleId;
use crate::base::violation::Violation;
use crate::ledger::{Ledger, LedgerError, RefStore, Staged};

/// What an override that is limited to subjects calls the settings.
const SUBJECT: &str = "settings";

/// What agreeing would do.
#[derive(Debug, Clone)]
pub struct SettingsPlan<'a> {
    survey: SettingsSurvey,
    admin_override: Option<&'a Override>,
}

/// Says what agreeing would do.
#[must_use]
pub const fn plan(survey: SettingsSurvey, admin_override: Option<&Override>) -> SettingsPlan<'_> {
    SettingsPlan { survey, admin_override }
}

impl SettingsPlan<'_> {
    /// Proof that these settings are those of all, or become so (OWN043).
    ///
    /// # Errors
    /// Each setting in which they differ, unless an override changes it.
    pub fn check(self) -> Result<Checked<Self>, Vec<Violation>> {
        let found = self.differences();
        match self.admin_override {
            Some(by) if !found.is_empty() && !by.lifts(RuleId::OWN043, SUBJECT) => {
                Err(found.into_iter().map(|violation| by.not_lifting(violation)).collect())
            }
            None if !found.is_empty() => Err(found),
            _ => Ok(Checked::new(self)),
        }
    }

    /// The settings that an override changes for all.
    #[must_use]
    pub fn lifted(&self) -> Vec<Violation> {
        let lifts = self.admin_override.is_some_and(|by| by.lifts(RuleId::OWN043, SUBJECT));
        if lifts { self.differences() } else { Vec::new() }
    }

    fn differences(&self) -> Vec<Violation> {
        let registered = self.survey.recorded.as_ref().and_then(|it| it.record());
        registered.map(|it| check(it, &self.survey.own)).unwrap_or_default()
    }
}

impl Checked<SettingsPlan<'_>> {
    /// Whether nobody has registered any settings yet.
    pub(crate) fn is_first(&self) -> bool {
        self.survey.recorded.as_ref().is_some_and(|it| it.record().is_none())
    }

    /// The transaction; nothing where the same is registered already.
    ///
    /// # Errors
    /// When an object cannot be made.
    pub fn stage<S: RefStore>(
        self,
        ledger: &Ledger<S>,
        author: &Author,
    ) -> Result<Staged, LedgerError> {
        let plan = self.into_change();
        let audit = plan.admin_override.and_then(|it| audit(it, &plan.differences(), author));
        let SettingsSurvey { own, recorded } = plan.survey;
        let Some(recorded) = recorded else { return Ok(Staged::nothing()) };
        let same = |registered: &SharedSettings| *registered == own;
        let message = "register the settings of all configurations";
        recorded.stage(ledger, &own, same, author, message, audit.as_ref())
    }
}

fn audit(by: &Override, set_aside: &[Violation], author: &Author) -> Option<AuditRecord> {
    let rules: Vec<String> = set_aside.iter().map(|it| it.rule.to_string()).collect();
    (!rules.is_empty()).then(|| AuditRecord {
        at: author.at,
        actor: author.actor.clone(),
        approved_by: by.approved_by().clone(),
        reason: by.reason().to_owned(),
        action: "change the settings of all configurations".to_owned(),
        rules,
        before: None,
        after: None,
    })
}
