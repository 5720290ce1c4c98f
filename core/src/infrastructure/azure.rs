//! How Azure names resources: the types that are modelled, what each may be called, and the form of IDs.
//!
//! The limits are those of Azure's own naming rules. Whether a global name is free, only Azure can say.

use super::Name;
use crate::base::id::DeploymentUuid;
use crate::base::rule::RuleId;
use crate::base::violation::{Violation, quoted};

closed_list! {
    /// What a resource of Azure is.
    pub enum AzureType breaks INF021 {
        /// A web app.
        AppService = "AppService",
        /// A database of a SQL server.
        SqlDatabase = "SqlDatabase",
        /// A storage account that holds blobs.
        BlobStorage = "BlobStorage",
        /// A Key Vault.
        KeyVault = "KeyVault",
        /// Telemetry of an application.
        ApplicationInsights = "ApplicationInsights",
        /// A profile of the content delivery network.
        Cdn = "CDN",
        /// What web apps run on.
        AppServicePlan = "AppServicePlan",
    }
}

/// What a type asks of a name.
struct Naming {
    /// How it is called in resource IDs.
    arm: &'static str,
    shortest: usize,
    longest: usize,
    /// What the name is made of, in words.
    made_of: &'static str,
    fits: fn(&str) -> bool,
    such_as: &'static str,
}

impl AzureType {
    const fn naming(self) -> Naming {
        let (arm, shortest, longest, made_of, fits, such_as): (_, _, _, _, fn(&str) -> bool, _) =
            match self {
                Self::AppService => (
                    "Microsoft.Web/sites",
                    2,
                    60,
                    "letters, digits and hyphens, no hyphen at either end",
                    |it| it.chars().all(is_word) && !it.starts_with('-') && !it.ends_with('-'),
                    "app-shop-prod",
                ),
                Self::AppServicePlan => (
                    "Microsoft.Web/serverfarms",
                    1,
                    60,
                    "letters, digits and hyphens",
                    |it| it.chars().all(is_word),
                    "plan-shop-prod",
                ),
                Self::SqlDatabase => (
                    "Microsoft.Sql/servers/databases",
                    1,
                    128,
                    "anything but `<>*%&:\\/?#` and control characters, no period or space at its end",
                    |it| is_free(it, "<>*%&:\\/?#"),
                    "db-shop-prod",
                ),
                Self::BlobStorage => (
                    "Microsoft.Storage/storageAccounts",
                    3,
                    24,
                    "lower-case letters and digits",
                    |it| it.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()),
                    "stshopprod",
                ),
                Self::KeyVault => (
                    "Microsoft.KeyVault/vaults",
                    3,
                    24,
                    "letters, digits and single hyphens, a letter first and no hyphen last",
                    |it| {
                        it.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                            && it.starts_with(|c: char| c.is_ascii_alphabetic())
                            && !it.ends_with('-')
                            && !it.contains("--")
                    },
                    "kv-shop-prod",
                ),
                Self::ApplicationInsights => (
                    "Microsoft.Insights/components",
                    1,
                    260,
                    "anything but `%&\\?/#` and control characters, no period or space at its end",
                    |it| is_free(it, "%&\\?/#"),
                    "ai-shop-prod",
                ),
                Self::Cdn => (
                    "Microsoft.Cdn/profiles",
                    1,
                    260,
                    "letters, digits and hyphens, no hyphen at either end",
                    |it| {
                        it.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                            && !it.starts_with('-')
                            && !it.ends_with('-')
                    },
                    "cdn-shop-prod",
                ),
            };
        Naming { arm, shortest, longest, made_of, fits, such_as }
    }

    /// INF022: Azure lets a resource of this type have the name.
    pub(super) fn name_fault(self, name: &str) -> Option<Violation> {
        let Naming { shortest, longest, made_of, fits, such_as, .. } = self.naming();
        let fits = (shortest..=longest).contains(&name.chars().count()) && fits(name);
        (!fits).then(|| {
            let expected =
                format!("the name of a `{self}`: {shortest} to {longest} characters; {made_of}");
            let next = format!("Write a name such as `{such_as}`.");
            Violation::new(RuleId::INF022, quoted(name), expected, next)
        })
    }

    /// INF020: the ID is that of a resource of this type and name.
    pub(super) fn id_fault(self, id: &str, name: &Name) -> Option<Violation> {
        let arm = self.naming().arm;
        let fits = split_id(id).is_some_and(|(kind, last)| {
            kind.eq_ignore_ascii_case(arm) && last.to_lowercase() == name.as_str().to_lowercase()
        });
        (!fits).then(|| {
            let (provider, kinds) = arm.split_once('/').unwrap_or((arm, ""));
            let above =
                if self == Self::SqlDatabase { "servers/<server>/databases" } else { kinds };
            let expected = format!(
                "`/subscriptions/<UUID>/resourceGroups/<group>/providers/{provider}/{above}/{name}`"
            );
            let next = format!("Copy the `id` of the `{self}` from Azure; it ends in its `name`.");
            Violation::new(RuleId::INF020, quoted(id), expected, next).under("resource_id")
        })
    }
}

/// A letter or digit of any alphabet, which Azure writes in Punycode, or a hyphen.
fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '-'
}

fn is_free(name: &str, without: &str) -> bool {
    !name.chars().any(|c| c.is_control() || without.contains(c)) && !name.ends_with(['.', ' '])
}

/// The type and the last name in the ID of a resource.
fn split_id(id: &str) -> Option<(String, &str)> {
    let is = |word: &'static str| move |part: &&str| part.eq_ignore_ascii_case(word);
    let mut parts = id.strip_prefix('/')?.split('/');
    parts.next().filter(is("subscriptions"))?;
    parts.next()?.to_ascii_lowercase().parse::<DeploymentUuid>().ok()?;
    parts.next().filter(is("resourceGroups"))?;
    let group = parts.next()?;
    let fits = |c: char| c.is_alphanumeric() || "_-.()".contains(c);
    let group_fits = (1..=90).contains(&group.chars().count())
        && group.chars().all(fits)
        && !group.ends_with('.');
    parts.next().filter(is("providers")).filter(|_| group_fits)?;
    let (mut kind, mut last) = (parts.next()?.to_owned(), None);
    while let Some(part) = parts.next() {
        kind = format!("{kind}/{part}");
        last = Some(parts.next().filter(|name| !name.is_empty())?);
    }
    Some((kind, last?))
}
