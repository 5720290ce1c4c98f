//! The `stacks` of `pipeline_deployment`: which stacks a version is deployed to, and what a plan asks of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use pipeline_aws::cloudformation::Template;
use pipeline_aws::stacks::{
    Obstacle, Preview, StackFacts, StackPreflight, StackSettings, StacksTarget,
};
use pipeline_core::base::violation::{Violation, quoted};
use pipeline_core::deployment::{Deployment as Record, Rollout};
use pipeline_core::stack::rules::{Given, LARGEST_TEMPLATE, check_order, check_parameters};
use pipeline_core::stack::{Declared, OwnStackName, TemplateSource, check_declared};
use pipeline_core::{Environment, RuleId};
use tfplugin::{Change, Computed, Diagnostics, Draft as _, FieldValue, Model, Path, Span, Text};

use super::ecs;
use super::model::{Deployment, DeploymentDraft};
use crate::error::{self, Blame as _};
use crate::session::Session;

/// A stack of CloudFormation, which is deployed by a change set.
///
/// A stack that is not there is made. One that is as it should be is left alone. What the configuration does not give
/// of the parameters has the default of the template. The template of a failed deployment is replaced by the one
/// from before, and a stack that the deployment made is deleted again, with its resources.
#[derive(Debug, Clone, PartialEq, Model)]
pub struct StackBlock {
    /// Name of the stack, unlike that of any other of the deployment.
    pub name: Text<OwnStackName>,
    /// Template: a file by its path from the root of the checkout, such as `cdk.out/App.template.json`; or an
    /// object of S3, as `s3://bucket/key` or by its HTTPS URL. A file has at most 51,200 bytes; a larger one goes
    /// by S3. It is read when the version is deployed; a change of its content alone deploys nothing.
    pub template: Text<TemplateSource>,
    /// Parameters by name. Everybody sees them; those that the template hides (`NoEcho`) go into
    /// `secret_parameters`.
    pub parameters: Option<BTreeMap<String, String>>,
    /// Parameters whose values are secrets: for each the name of the variable in `secrets_wo` or `pass_environment`
    /// that has the value.
    pub secret_parameters: Option<BTreeMap<String, String>>,
    /// What the template may do: `CAPABILITY_IAM`, `CAPABILITY_NAMED_IAM`, `CAPABILITY_AUTO_EXPAND`.
    #[tf(validate = capabilities)]
    pub capabilities: Option<Vec<String>>,
    /// Tags of the stack, which its resources get too. Without them the stack keeps those that it has; an empty map
    /// takes all of them away.
    pub tags: Option<BTreeMap<String, String>>,
    /// Logical IDs of resources that are never replaced nor deleted: a change set that would do so, or may, is not
    /// executed. Resources of nested stacks are not looked at.
    pub protect: Option<Vec<String>>,
    /// How long each operation on the stack may take.
    #[tf(default = "1h")]
    pub timeout: Text<Span>,
    /// Pause between two looks at the stack.
    #[tf(default = "5s")]
    pub poll_interval: Text<Span>,
}

const CAPABILITIES: [&str; 3] =
    ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"];

fn capabilities(given: &[String]) -> Result<(), String> {
    let Some(unknown) = given.iter().find(|it| !CAPABILITIES.contains(&it.as_str())) else {
        return Ok(());
    };
    Err(format!(
        "Found {}; expected `CAPABILITY_IAM`, `CAPABILITY_NAMED_IAM` or `CAPABILITY_AUTO_EXPAND`. Next: write one of \
         them.",
        quoted(unknown)
    ))
}

/// Checks what needs nobody to be asked.
pub(super) fn validate(draft: &DeploymentDraft, out: &mut Diagnostics) {
    let Some(stacks) = draft.stacks.known() else { return };
    let names: Vec<String> = stacks
        .iter()
        .map(|it| it.name.known().map(ToString::to_string).unwrap_or_default())
        .collect();
    let faults = check_order(names.iter().map(String::as_str).filter(|name| !name.is_empty()));
    out.extend(faults.iter().map(|fault| error::violation_under(fault, draft.stacks.path())));
    if stacks.is_empty() {
        let detail = "Found no stack; expected one or more. Next: write one, or take `stacks` out.";
        out.push(draft.stacks.error("There is no stack", detail));
    }
}

/// The stacks of a configuration, where all of them is known.
fn settled(change: &Change<Deployment>) -> FieldValue<Vec<StackBlock>> {
    match change.config.stacks.value() {
        FieldValue::Known(drafts) => drafts
            .iter()
            .map(|draft| draft.settled())
            .collect::<Option<Vec<_>>>()
            .map_or(FieldValue::Unknown, FieldValue::Known),
        FieldValue::Null => FieldValue::Null,
        FieldValue::Unknown => FieldValue::Unknown,
    }
}

/// Whether a plan deploys other stacks, or the same ones otherwise.
pub(super) fn rolls_out(change: &Change<Deployment>, prior: &Deployment) -> bool {
    match settled(change) {
        FieldValue::Null => false,
        FieldValue::Unknown => true,
        FieldValue::Known(blocks) => differs(Some(&blocks), prior.stacks.as_deref()),
    }
}

/// Whether a deployment has to deploy stacks otherwise than before.
pub(super) fn differs(wanted: Option<&[StackBlock]>, prior: Option<&[StackBlock]>) -> bool {
    match (wanted, prior) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(wanted), Some(prior)) => {
            let mut pairs = wanted.iter().zip(prior);
            wanted.len() != prior.len() || !pairs.all(|(one, other)| one.makes_the_same(other))
        }
    }
}

impl StackBlock {
    /// Whether the other makes the same of the same stack.
    fn makes_the_same(&self, other: &Self) -> bool {
        let lasting = |it: &Self| {
            let secret = it.secret_parameters.clone();
            (it.name.clone(), it.template.clone(), it.parameters.clone(), secret, it.tags.clone())
        };
        lasting(self) == lasting(other)
    }

    /// What is asked for, with a template that was read.
    fn settings(&self, template: Template, secrets: BTreeMap<String, String>) -> StackSettings {
        StackSettings {
            name: self.name.0.clone(),
            template,
            parameters: self.parameters.clone().unwrap_or_default(),
            secret_parameters: secrets,
            capabilities: self.capabilities.clone().unwrap_or_default(),
            tags: self.tags.clone(),
            protect: self.protect.clone().unwrap_or_default(),
            timeout: self.timeout.duration(),
            poll_interval: self.poll_interval.duration().max(std::time::Duration::from_millis(10)),
        }
    }

    /// The template, where it has to be read here.
    fn read(&self, session: &Session<'_>) -> Result<Template, String> {
        match &self.template.0 {
            TemplateSource::S3 { bucket, key } => {
                Ok(Template::S3 { bucket: bucket.clone(), key: key.clone() })
            }
            TemplateSource::Url(url) => Ok(Template::Url(url.clone())),
            TemplateSource::File(path) => {
                let folder = session.checkout().map_err(|_| {
                    "a repository without a checkout, such as a bare one or a URL".to_owned()
                })?;
                file(&folder, path).map(Template::Body)
            }
        }
    }
}

/// The text of a file of the checkout.
fn file(folder: &std::path::Path, path: &str) -> Result<String, String> {
    let resolved = |path: PathBuf| path.canonicalize().map_err(|error| error.to_string());
    let (root, place) = (resolved(folder.to_owned())?, resolved(folder.join(path))?);
    if !place.starts_with(&root) {
        return Err("a link that leads out of the repository".to_owned());
    }
    let (bytes, _) =
        pipeline_core::files::read(&place, LARGEST_TEMPLATE).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|_| "a file that is no text".to_owned())
}

fn unreadable(block: &StackBlock, found: &str) -> Violation {
    let expected =
        format!("a template of at most {LARGEST_TEMPLATE} bytes at `{}`", *block.template);
    let next = "Make it before the plan, as `cdk synth` does; put a larger one into S3, as `pipeline_artifact` does, and \
                name it as `s3://bucket/key`.";
    Violation::new(RuleId::OWN050, format!("that it cannot be read: {found}"), expected, next)
        .under("template")
}

/// The target of a deployment.
///
/// # Errors
/// A template cannot be read, or a secret is not there.
pub(super) fn target<'a>(
    blocks: &[StackBlock],
    session: &Session<'_>,
    passed: &BTreeMap<String, String>,
    tell: &'a (dyn Fn(&str) + Send + Sync),
) -> Result<StacksTarget<'a>, Diagnostics> {
    let mut settings = Vec::new();
    let mut faults = Diagnostics::new();
    for (index, block) in (0_i64..).zip(blocks) {
        let at = Path::from(Deployment::STACKS).index(index);
        let mut secrets = BTreeMap::new();
        for (parameter, variable) in block.secret_parameters.iter().flatten() {
            match passed.get(variable) {
                Some(value) => {
                    secrets.insert(parameter.clone(), value.clone());
                }
                None => faults.push(error::stacks::no_secret(&at, parameter, variable)),
            }
        }
        match block.read(session) {
            Ok(template) => settings.push(block.settings(template, secrets)),
            Err(found) => faults.push(error::violation_under(&unreadable(block, &found), &at)),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(StacksTarget::new(session.known_aws()?, settings, tell))
}

/// Asks whether the stacks can be deployed: account (CFG005), region (ENV026), templates, parameters (OWN050, STK003),
/// protected resources (STK002), and whether the stacks take a change.
///
/// # Errors
/// Everything that forbids it.
pub(super) async fn check(
    session: &Session<'_>,
    change: &mut Change<Deployment>,
    environment: Option<&Environment>,
) -> Result<(), Diagnostics> {
    let FieldValue::Known(blocks) = settled(change) else { return Ok(()) };
    if !ecs::is_placed(session, change, environment, Deployment::STACKS).await? {
        return Ok(());
    }
    let mut out = Diagnostics::new();
    let mut settings = Vec::new();
    for (index, block) in (0_i64..).zip(&blocks) {
        let at = Path::from(Deployment::STACKS).index(index);
        match block.read(session) {
            Ok(template) => {
                if let Template::Body(text) = &template {
                    let faults = block.check_body(text);
                    out.extend(faults.iter().map(|fault| error::violation_under(fault, &at)));
                }
                settings.push(block.settings(template, BTreeMap::new()));
            }
            Err(found) => out.push(error::violation_under(&unreadable(block, &found), &at)),
        }
    }
    if !out.is_empty() {
        return Err(out);
    }
    let Some(aws) = session.aws() else { return Ok(()) };
    let target = StacksTarget::new(aws, settings, &|_| {});
    let looked = target.preflight().await;
    for ((index, block), looked) in (0_i64..).zip(&blocks).zip(looked) {
        let at = Path::from(Deployment::STACKS).index(index);
        match looked {
            StackPreflight::Checked(facts) => {
                let faults = block.check_facts(&facts);
                out.extend(faults.iter().map(|fault| error::violation_under(fault, &at)));
                if let Some(Obstacle { status, next: None, by }) = &facts.obstacle {
                    change.warn(error::stacks::busy(&at, &block.name, status, by.as_ref()));
                }
            }
            StackPreflight::NotTaken(said) => {
                let fault = not_taken(&said);
                out.push(error::violation_under(&fault, &at));
            }
            StackPreflight::Unavailable(fault) => {
                change.warn(error::stacks::not_looked(&at, &fault))
            }
        }
    }
    if !out.is_empty() {
        return Err(out);
    }
    match change.config.plan_change_set.known() {
        Some(true) => preview(session, change, &target, &blocks).await,
        _ => Ok(()),
    }
}

/// Shows what change sets would do.
async fn preview(
    session: &Session<'_>,
    change: &mut Change<Deployment>,
    target: &StacksTarget<'_>,
    blocks: &[StackBlock],
) -> Result<(), Diagnostics> {
    let secret = |block: &&StackBlock| block.secret_parameters.is_some();
    if let Some(index) = blocks.iter().position(|block| secret(&block)) {
        let at = Path::from(Deployment::STACKS).index(i64::try_from(index).unwrap_or_default());
        change.warn(error::stacks::not_shown(
            &at,
            "parameters whose values no plan has, `secret_parameters`",
        ));
        return Ok(());
    }
    let (id, _) = session.new_deployment_id().blame(Path::root())?;
    let mut out = Diagnostics::new();
    for ((index, block), preview) in
        (0_i64..).zip(blocks).zip(target.preview(&format!("plan-{id}")).await)
    {
        let at = Path::from(Deployment::STACKS).index(index);
        match preview {
            Preview::Changes { changes, faults } => {
                out.extend(faults.iter().map(|fault| error::violation_under(fault, &at)));
                change.warn(error::stacks::shown(&at, &block.name, &changes));
            }
            Preview::NotShown(reason) => {
                change.warn(error::stacks::not_shown(&at, &reason.to_string()))
            }
        }
    }
    if out.is_empty() { Ok(()) } else { Err(out) }
}

impl StackBlock {
    fn check_body(&self, text: &str) -> Vec<Violation> {
        let Some(declared) = Declared::read(text) else {
            let fault = unreadable(self, "it is neither JSON nor YAML with `Resources`");
            return vec![fault];
        };
        let mut faults = self.check_declared(&declared);
        let protect = self.protect.as_deref().unwrap_or_default();
        faults.extend(check_declared(protect, &declared.resources));
        faults
    }

    fn check_declared(&self, declared: &Declared) -> Vec<Violation> {
        let names = |map: &Option<BTreeMap<String, String>>| -> BTreeSet<String> {
            map.iter().flat_map(|map| map.keys().cloned()).collect()
        };
        let (parameters, secret_parameters) =
            (names(&self.parameters), names(&self.secret_parameters));
        check_parameters(
            Given { parameters: &parameters, secret_parameters: &secret_parameters },
            declared,
        )
    }

    fn check_facts(&self, facts: &StackFacts) -> Vec<Violation> {
        let mut faults =
            facts.declared.as_ref().map(|it| self.check_declared(it)).unwrap_or_default();
        if !facts.not_allowed.is_empty() {
            let needed = facts.not_allowed.join("`, `");
            let found = format!("a template that needs `{needed}`");
            let next = "Add them to `capabilities`, if the template may do what they are for.";
            let fault =
                Violation::new(RuleId::OWN050, found, "capabilities that cover the template", next);
            faults.push(fault.under("capabilities"));
        }
        if let Some(Obstacle { status, next: Some(next), .. }) = &facts.obstacle {
            let found = format!("that stack `{}` is {status}", *self.name);
            let fault = Violation::new(RuleId::OWN050, found, "a stack that takes a change", *next);
            faults.push(fault.under("name"));
        }
        faults
    }
}

fn not_taken(said: &str) -> Violation {
    let found = format!("that CloudFormation does not take it: {said}");
    let next = "See what CloudFormation says, and mend the template.";
    Violation::new(RuleId::OWN050, found, "a template that CloudFormation takes", next)
        .under("template")
}

/// The outputs of a record's stacks, by stack and key.
pub(super) fn outputs(
    record: &Record,
) -> Computed<Option<BTreeMap<String, BTreeMap<String, String>>>> {
    let rollout = record.rollout.as_ref().and_then(Rollout::stacks);
    let all = rollout.map(|rollout| {
        let one = |it: &pipeline_core::deployment::StackRollout| {
            (it.stack_name.clone(), it.stack_outputs.clone())
        };
        rollout.stacks.iter().map(one).collect()
    });
    all.into()
}
