//! Whether two configurations agree (OWN043).

use super::SharedSettings;
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, quoted};

/// OWN043: `own` settings are those that are registered.
#[must_use]
pub fn check(registered: &SharedSettings, own: &SharedSettings) -> Vec<Violation> {
    let names = |it: &SharedSettings| {
        let all: Vec<_> =
            it.environment_tag_names.iter().map(|name| quoted(name.as_str())).collect();
        if all.is_empty() { "none".to_owned() } else { all.join(", ") }
    };
    let flag = |it: &SharedSettings| quoted(&it.allow_prerelease_tags.to_string());
    let told = [
        differs("environment_tag_names", &names(registered), &names(own)),
        differs("allow_prerelease_tags", &flag(registered), &flag(own)),
    ];
    told.into_iter().flatten().collect()
}

fn differs(setting: &'static str, registered: &str, own: &str) -> Option<Violation> {
    (registered != own).then(|| {
        Violation::new(
            RuleId::OWN043,
            format!("`{setting}` as {own}"),
            format!("{registered}, as is registered for all configurations of this repository"),
            format!(
                "Set `{setting}` as it is registered, or change it for all of them: with an override that \
                 has a reason and says who approved it."
            ),
        )
        .under(setting)
    })
}
