//! A deployment, checked and carried out: what the resource, the actions and the lock share.
//!
//! What may be deployed is `pipeline_core::deployment`'s to say; here its answers become diagnostics.

use pipeline_aws::ecs::{EcsTarget, Preflight};
use pipeline_core::deployment::by_hand::ByHand;
use pipeline_core::deployment::deployer::{Deployer, Notice, Report, Request};
use pipeline_core::deployment::engine::{Outcome, Verdict};
use pipeline_core::deployment::rules::Known;
use pipeline_core::deployment::survey::{self, Judged, Pending, Proposal, Survey};
use pipeline_core::deployment::{Deployment as Record, EcsRollout};
use pipeline_core::git::{Repository, Signature};
use pipeline_core::health::HealthCheck;
use pipeline_core::policy::{Objections, WaitFor};
use pipeline_core::rollout::Target;
use pipeline_core::telemetry::{Moment, of_deployment};
use pipeline_core::{Environment, RegionName, Timestamp, Violation};
use tfplugin::{Attr, Diagnostic, Diagnostics, Path, Stop};

use crate::error::{self, Blame as _};
use crate::session::Session;
use crate::telemetry;

/// What speaks against a deployment, and what a person should know of it.
pub(crate) struct Objected {
    pub(crate) faults: Vec<Violation>,
    pub(crate) warnings: Vec<Diagnostic>,
}

/// Everything that speaks against a deployment at plan. What it `waits_for` is only a warning, and so is a freeze: a
/// plan is often made in one and applied after it.
///
/// # Errors
/// When the repository cannot be read.
pub(crate) async fn objections(
    session: &Session<'_>,
    survey: &Survey,
    pending: &Pending,
    proposal: Proposal<'_>,
    waits_for: Known<Vec<WaitFor>>,
) -> Result<Objected, Diagnostics> {
    let judged = survey::check(&session.ledger(), survey, pending, proposal, session.now()).await;
    let Judged { objections, lifted, by_hand } = judged.blame(Path::root())?;
    let mut warnings: Vec<_> = lifted.iter().map(|(it, by)| error::lifted(it, by)).collect();
    let Objections { mut faults, not_yet } = objections;
    let waits = |reason| match &waits_for {
        Known::NotYet => false,
        Known::Is(all) => all.contains(&reason),
    };
    let is_unknown = matches!(waits_for, Known::NotYet);
    for early in not_yet {
        if is_unknown || early.reason == WaitFor::Freeze || waits(early.reason) {
            warnings.push(error::too_early(&early.fault, waits(early.reason)));
        } else {
            faults.push(early.fault);
        }
    }
    warnings.extend(announced(&by_hand));
    Ok(Objected { faults, warnings })
}

/// What the apply will make of SCY003: nobody should learn it from a refusal, or from the audit log.
fn announced(by_hand: &ByHand) -> Option<Diagnostic> {
    match by_hand {
        ByHand::No => None,
        ByHand::Forbidden(violation) => Some(error::violation_under(violation, &Path::root())),
        ByHand::Lifted(violation, by) => Some(error::lifted(violation, by)),
        ByHand::Returns(violation) => Some(error::returns(violation)),
    }
}

/// A health check that this machine cannot make would fail a version that is well.
///
/// # Errors
/// Where it cannot.
pub(crate) fn check_ready(check: &HealthCheck, at: Path) -> Result<(), Diagnostics> {
    let Some(obstacle) = check.obstacle() else { return Ok(()) };
    let detail = format!(
        "Found {obstacle}; expected one, because the check asks by HTTPS. Nothing is deployed. Next: install \
         the machine's CA certificates (`ca-certificates`), or name a file of them by `SSL_CERT_FILE`."
    );
    Err(Diagnostic::error(at, "The health check cannot be made from this machine", detail).into())
}

/// Whether the credentials are of the account (CFG005) and for the region (ENV026) of the environment; false where
/// nobody can tell, with what a person should know of that.
///
/// # Errors
/// They are not.
pub(crate) async fn is_placed(
    session: &Session<'_>,
    environment: Option<&Environment>,
    region: Option<&RegionName>,
    at: Attr,
) -> Result<(bool, Option<Diagnostic>), Diagnostics> {
    let Some(environment) = environment else { return Ok((true, None)) };
    let placed = session.check_aws_region(environment, region, at).await;
    match (session.check_account(environment, at).await, placed) {
        (Ok(None), Ok(())) => Ok((true, None)),
        (Ok(warning), placed) => placed.map(|()| (false, warning)),
        (Err(wrong), placed) => Diagnostics::both(Err(wrong), placed).map(|()| (false, None)),
    }
}

/// What ECS says of a rollout before anything is changed: every rule that forbids it; or a warning that it cannot be
/// asked.
pub(crate) async fn looked_at(
    target: &EcsTarget,
    good: Option<&EcsRollout>,
    at: Attr,
) -> Result<Vec<Violation>, Diagnostic> {
    match target.preflight(good).await {
        Preflight::Checked(faults) => Ok(faults),
        Preflight::Unavailable(fault) => Err(Diagnostic::warning(
            at,
            "The service could not be looked at",
            format!(
                "Found that {fault}. Whether the deployment can be made will show when it is \
                 applied. Next: {}",
                fault.next()
            ),
        )),
    }
}

/// Whoever acts now, with a clock.
pub(crate) struct Acting<'a> {
    session: Session<'a>,
    signature: Signature,
    clock: Box<dyn Fn() -> Timestamp + Send + Sync + 'a>,
}

impl<'a> Acting<'a> {
    pub(crate) fn of(session: &Session<'a>) -> Self {
        let session = *session;
        Self { session, signature: session.signature(), clock: Box::new(move || session.now()) }
    }

    /// What deploys in their name, and tells of each step as it begins.
    pub(crate) fn deployer<'b>(
        &'b self,
        tell: &'b (dyn Fn(Notice) + Send + Sync),
    ) -> Deployer<'b, Repository> {
        let Self { session, signature, clock } = self;
        Deployer {
            ledger: session.ledger(),
            grammar: &session.settings.grammar,
            lease: session.settings.lease,
            handover: session.pipeline.handover(),
            author: &signature.name,
            email: &signature.email,
            authority: &session.settings.authority,
            clock: &**clock,
            tell,
        }
    }
}

/// Ends when the person interrupts, with who or what asked.
pub(crate) async fn interrupted(stop: &Stop) -> String {
    stop.wait().await;
    "the run of Terraform was interrupted".to_owned()
}

/// Deploys, and tells of each step as it begins.
pub(crate) async fn carry_out<T: Target>(
    session: &Session<'_>,
    request: Request,
    target: Option<&T>,
    stop: &Stop,
    tell: &(dyn Fn(Notice) + Send + Sync),
) -> Report {
    let acting = Acting::of(session);
    let stop = interrupted(stop);
    Box::pin(acting.deployer(tell).deploy(request, target, stop)).await
}

/// What a person should know of a deployment that ended; telemetry hears of it.
pub(crate) async fn ended(
    session: &Session<'_>,
    report: &Report,
    began: Moment,
) -> Vec<Diagnostic> {
    let all = report.warnings.iter();
    let mut warnings: Vec<_> = all.map(|it| error::violation_under(it, &Path::root())).collect();
    let ended = report.deployment.as_ref();
    let ended = ended.and_then(|it| of_deployment(it, &report.steps, (began, report.took)));
    if let Some(ended) = ended {
        warnings.extend(telemetry::tell(session, &ended).await);
    }
    warnings
}

/// The record of a success.
pub(crate) fn success(report: &Report) -> Option<&Record> {
    let is_good = matches!(report.verdict, Verdict::Recorded(Outcome::Succeeded { .. }));
    report.deployment.as_ref().filter(|_| is_good)
}
