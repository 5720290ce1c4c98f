//! What ECS's own record of a deployment says, where it may be read: that somebody stopped it, at which
//! stage a shift of traffic is, and why it goes back. DescribeServices tells none of that.

use std::sync::atomic::Ordering;

use aws_sdk_ecs::types::ServiceDeployment;

use super::EcsTarget;
use super::follow::Watched;
use super::judge::Standing;
use super::told;
use super::view::{Service, State};

/// The record of one deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Record {
    /// ECS's word for how far it came.
    pub(super) status: String,
    /// The stage of a shift of traffic.
    pub(super) stage: String,
    /// Why it has that status, or goes back.
    pub(super) reason: String,
    /// The alarms that went off.
    pub(super) alarms: Vec<String>,
}

impl From<&ServiceDeployment> for Record {
    fn from(it: &ServiceDeployment) -> Self {
        let why = it.rollback().and_then(|back| back.reason()).or(it.status_reason());
        let alarms = it.alarms().map(|alarms| alarms.triggered_alarm_names().to_vec());
        Self {
            status: it.status().map_or_else(String::new, |it| it.as_str().to_owned()),
            stage: it.lifecycle_stage().map_or_else(String::new, |it| it.as_str().to_owned()),
            reason: why.unwrap_or_default().to_owned(),
            alarms: alarms.unwrap_or_default(),
        }
    }
}

impl Record {
    /// What it says, in words.
    pub(super) fn told(&self) -> String {
        let Self { status, stage, reason, alarms } = self;
        let mut text = format!("its record says {status}");
        if !stage.is_empty() {
            text.push_str(&format!(" at stage {stage}"));
        }
        if !reason.is_empty() {
            text.push_str(&format!(", \"{}\"", told::plain(reason)));
        }
        if !alarms.is_empty() {
            text.push_str(&format!(", alarms {}", told::plain(&alarms.join(" "))));
        }
        text
    }

    /// How the deployment stands that seems to stand so. What DescribeServices shows goes first; the
    /// record says what it cannot show.
    pub(super) fn correct(
        &self,
        standing: Standing,
        service: &Service,
        watched: &Watched,
    ) -> Standing {
        let goes_back = self.status.starts_with("ROLLBACK_") && self.status != "ROLLBACK_FAILED";
        let ended = matches!(self.status.as_str(), "STOPPED" | "ROLLBACK_FAILED");
        match standing {
            Standing::Replaced { by }
                if goes_back && watched.previous.as_deref() == Some(by.revision.as_str()) =>
            {
                Standing::PutBack { by }
            }
            Standing::Coming | Standing::Short | Standing::Missing if goes_back || ended => {
                Standing::Broken { puts_back: goes_back }
            }
            Standing::Coming if self.status == "SUCCESSFUL" => {
                let whole = service.deployment(&watched.id).is_some_and(|own| {
                    own.state == State::Untold && own.is_full() && service.is_alone(own)
                });
                if whole { Standing::Runs } else { Standing::Coming }
            }
            other => other,
        }
    }
}

/// At every so many looks the record of a plain rollout is read too.
const EVERY: u32 = 6;

impl EcsTarget {
    /// How a deployment stands, by its record too where the service alone may not tell.
    pub(super) async fn by_record(
        &self,
        standing: Standing,
        service: &Service,
        watched: &Watched,
        look: u32,
    ) -> Standing {
        let silent = service.is_staged
            || service.deployment(&watched.id).is_some_and(|own| own.state == State::Untold);
        let doubtful = match standing {
            Standing::Replaced { .. } | Standing::Missing => true,
            Standing::Coming | Standing::Short => silent || look % EVERY == EVERY - 1,
            _ => false,
        };
        let record = if doubtful { self.record(watched).await } else { None };
        match record {
            Some(record) => record.correct(standing, service, watched),
            None => standing,
        }
    }

    /// The record of a deployment, where there is one and it may be read. Who may not read it is not
    /// asked again.
    pub(super) async fn record(&self, watched: &Watched) -> Option<Record> {
        if self.no_records.load(Ordering::Relaxed) {
            return None;
        }
        match self.api().await.record(&watched.revision, watched.since).await {
            Ok(record) => record,
            Err(fault) => {
                let for_good = fault.is_certain() && !fault.may_pass();
                self.no_records.fetch_or(for_good, Ordering::Relaxed);
                None
            }
        }
    }
}
