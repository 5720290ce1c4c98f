//! What a resource needs beyond its own values: its environment, its tags, a review of the change, other
//! resources that exist and do not need it in turn, and a status from which the change is possible.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{
    Cloud, InfrastructureId, InfrastructureParts, InfrastructureRecord, InfrastructureResource,
    lifecycle,
};
use crate::base::filing::unescaped;
use crate::base::machine::MACHINES;
use crate::base::rule::RuleId;
use crate::base::suggest::did_you_mean_or;
use crate::base::violation::{FieldPath, Violation, Violations, quoted};
use crate::deployment::rules::unknown_environment;
use crate::registration::{Registered, Registrable};
use crate::{EnvironmentName, Timestamp};

/// What each resource needs of the others, by where they are filed.
pub(super) type Needs = BTreeMap<String, Vec<InfrastructureId>>;

/// What is the case around a resource. A [survey](super::survey()) gathers it.
#[derive(Debug, Clone)]
pub struct InfrastructureFacts {
    /// The environments that are registered.
    pub(super) environments: Vec<EnvironmentName>,
    /// Whether its environment is registered by the same plan.
    pub(super) is_announced: bool,
    /// The tags that every resource of AWS has.
    pub(super) required_tags: Vec<String>,
    /// All other resources; left empty where the resource refers to none.
    pub(super) others: Needs,
    /// OWN047, where another resource has a name that differs in case alone.
    pub(super) alike: Option<Violation>,
    /// The time now.
    pub(super) now: Timestamp,
}

impl Registrable for InfrastructureResource {
    const KIND: &'static str = "infrastructure resource";
    const SHELF: &'static str = "infrastructure";
    type Claim = Registered<Self>;
    type Facts = InfrastructureFacts;

    fn key(&self) -> String {
        self.id.filed()
    }

    fn shown(key: &str) -> String {
        unescaped(key)
    }

    fn check(
        &self,
        before: Option<&InfrastructureRecord>,
        facts: &InfrastructureFacts,
    ) -> Vec<Violation> {
        let mut found: Vec<Violation> = environment_fault(self, facts).into_iter().collect();
        found.extend(tag_faults(self, &facts.required_tags));
        found.extend(reference_faults(self, &facts.others));
        found.extend(facts.alike.clone().map(|alike| alike.under("name")));
        if before.is_none_or(|before| before.what != *self) {
            found.extend(review_fault(self, before, facts.now));
            found.extend(before.and_then(|before| transition_fault(before, self)));
            found.extend(before.and_then(|before| clock_fault(before, facts.now)));
        }
        found
    }

    fn check_fields(fields: &Map<String, Value>) -> Result<(), Violations> {
        Violations::check(order_fault(fields).into_iter().collect())?;
        // What is not even of the right types is told when it is read.
        let parts = serde_json::from_value::<InfrastructureParts>(Value::Object(fields.clone()));
        parts.map_or(Ok(()), |parts| Self::read(parts, None).map(drop))
    }
}

/// INF024: the environment is registered, and a resource of Azure has one.
fn environment_fault(
    resource: &InfrastructureResource,
    facts: &InfrastructureFacts,
) -> Option<Violation> {
    match &resource.environment {
        Some(name) if facts.is_announced || facts.environments.contains(name) => None,
        Some(name) => {
            let known: Vec<_> = facts.environments.iter().collect();
            Some(unknown_environment(name, &known).as_rule(RuleId::INF024))
        }
        None if resource.id.cloud() == Cloud::Aws => None,
        None => {
            let expected = "the environment that a resource of Azure is part of";
            let next = "Set `environment`.";
            let told = Violation::new(RuleId::INF024, "no environment", expected, next);
            Some(told.under("environment"))
        }
    }
}

/// INF003: a resource of AWS has every tag that is asked for.
fn tag_faults<'a>(
    resource: &'a InfrastructureResource,
    required: &'a [String],
) -> impl Iterator<Item = Violation> + 'a {
    let is_missing = |tag: &&String| resource.tags.get(*tag).is_none_or(|it| it.trim().is_empty());
    let asked = required.iter().filter(|_| resource.id.cloud() == Cloud::Aws);
    asked.filter(is_missing).map(|tag| {
        let spare = resource.tags.keys().filter(|name| !required.contains(name));
        let otherwise = || format!("Add {} with what it is.", quoted(tag));
        let near = spare.map(String::as_str).find(|name| {
            name.eq_ignore_ascii_case(tag)
                || crate::base::suggest::did_you_mean(name, [tag.as_str()]).is_some()
        });
        let next =
            near.map_or_else(otherwise, |it| format!("Rename {} to {}.", quoted(it), quoted(tag)));
        let found = match resource.tags.contains_key(tag) {
            true => format!("an empty tag {}", quoted(tag)),
            false => format!("no tag {}", quoted(tag)),
        };
        let expected = "every tag of the provider's `required_tags`";
        Violation::new(RuleId::INF003, found, expected, next).under("tags")
    })
}

/// INF006: somebody looked at this very change: after the last one, and not in the future.
fn review_fault(
    resource: &InfrastructureResource,
    before: Option<&InfrastructureRecord>,
    now: Timestamp,
) -> Option<Violation> {
    let last = before.map(InfrastructureRecord::written_at);
    let told = |found: String, expected: String, field: FieldPath| {
        let next = "Have the change reviewed, then set `review` with `reviewed_by`, `reviewed_at` and \
                    `reference`.";
        Some(Violation::new(RuleId::INF006, found, expected, next).under(field))
    };
    let wanted = last.map_or_else(
        || "a review of the new resource".to_owned(),
        |last| format!("a review of this change, after the last one at {last}"),
    );
    let Some(review) = &resource.review else {
        return told("no review".to_owned(), wanted, "review".into());
    };
    let (at, place) = (review.reviewed_at, FieldPath::from("review"));
    if last.is_some_and(|last| at <= last) {
        return told(format!("the review of {at}"), wanted, place.field("reviewed_at"));
    }
    if at > now {
        let expected = format!("a review that was made, before {now}");
        return told(format!("the review of {at}"), expected, place.field("reviewed_at"));
    }
    let unsaid = review.reference.trim().is_empty();
    let expected = "where the review is written, such as the URL of a pull request".to_owned();
    if unsaid { told("no reference".to_owned(), expected, place.field("reference")) } else { None }
}

/// INF005: the record's status is one from which the change is possible.
fn transition_fault(
    before: &InfrastructureRecord,
    after: &InfrastructureResource,
) -> Option<Violation> {
    let (entity, _, ready) = lifecycle(after.id.cloud());
    let machine = MACHINES.iter().find(|machine| machine.entity == entity)?;
    // Azure's resources are provisioned anew by each change.
    let by_way_of = if ready == "ready" && before.status.as_str() != "provisioning" {
        vec![before.status.as_str(), "provisioning", after.status.as_str()]
    } else {
        vec![before.status.as_str(), after.status.as_str()]
    };
    let refused = by_way_of.windows(2).find_map(|pair| machine.check(pair[0], pair[1]).err())?;
    let next = "Remove this record, which somebody else wrote, and record the resource anew.";
    Some(Violation { next: next.to_owned(), ..refused.under_rule(RuleId::INF005) })
}

/// INF027: the clock of this machine is not behind the record.
fn clock_fault(before: &InfrastructureRecord, now: Timestamp) -> Option<Violation> {
    let last = before.written_at();
    (now < last).then(|| {
        disordered(&now.to_string(), &last.to_string(), "Set the clock of this machine right.")
    })
}

/// INF027, in a record.
fn order_fault(fields: &Map<String, Value>) -> Option<Violation> {
    let time = |field| fields.get(field)?.as_str()?.parse::<Timestamp>().ok();
    let (created, updated) = (time("registered_at")?, time("updated_at")?);
    let next = "Correct the record, or remove it and record the resource anew.";
    (updated < created).then(|| disordered(&updated.to_string(), &created.to_string(), next))
}

fn disordered(found: &str, earliest: &str, next: &str) -> Violation {
    let expected = format!("a time from {earliest} on");
    Violation::new(RuleId::INF027, format!("`{found}`"), expected, next).under("updated_at")
}

/// INF028: what is referred to is on record, and does not lead back here.
fn reference_faults(resource: &InfrastructureResource, others: &Needs) -> Vec<Violation> {
    let own = resource.id.filed();
    let mut found = Vec::new();
    for (at, reference) in resource.references.iter().enumerate() {
        let place = FieldPath::from("references").index(at);
        let key = reference.filed();
        if key != own && !others.contains_key(&key) {
            found.push(unresolved(reference, others).under(place));
        } else if let Some(path) = way_back(reference, &own, others) {
            let way: Vec<String> = path.iter().map(|id| quoted(&id.to_string())).collect();
            let way = format!(
                "{} needs {}",
                quoted(&resource.id.to_string()),
                way.join(", which needs ")
            );
            let expected = "resources that do not need each other in a circle";
            let next = "Take one of these references out.";
            found.push(Violation::new(RuleId::INF028, way, expected, next).under(place));
        }
    }
    found
}

fn unresolved(reference: &InfrastructureId, others: &Needs) -> Violation {
    let names: Vec<String> = others.keys().map(|key| unescaped(key)).collect();
    let text = reference.to_string();
    let otherwise = || {
        "Record it first; where this configuration does, refer to its `id`, so that it comes first."
            .to_owned()
    };
    let next = did_you_mean_or(&text, names.iter().map(String::as_str), otherwise);
    Violation::new(RuleId::INF028, quoted(&text), "an infrastructure resource on record", next)
}

/// How `from` leads to `own`, if it does. Each resource is looked at once.
fn way_back<'a>(
    from: &'a InfrastructureId,
    own: &str,
    others: &'a Needs,
) -> Option<Vec<&'a InfrastructureId>> {
    let mut seen = BTreeSet::new();
    let mut open = vec![vec![from]];
    while let Some(path) = open.pop() {
        let key = path.last()?.filed();
        if key == own {
            return Some(path);
        }
        if seen.insert(key.clone()) {
            for next in others.get(&key).into_iter().flatten() {
                open.push(path.iter().copied().chain([next]).collect());
            }
        }
    }
    None
}

/// INF028: nothing refers to a resource that is to go.
pub(super) fn needed_fault(id: &InfrastructureId, others: &Needs) -> Option<Violation> {
    let own = id.filed();
    let by = others.iter().find(|(_, needs)| needs.iter().any(|need| need.filed() == own))?.0;
    let found = format!("{}, which {} refers to", quoted(&id.to_string()), quoted(&unescaped(by)));
    let next = "Take the reference out first; where both are of this configuration, let it refer to the `id` \
                of this one.";
    Some(Violation::new(RuleId::INF028, found, "a resource that no other refers to", next))
}
