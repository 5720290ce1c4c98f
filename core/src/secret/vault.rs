//! Where a Key Vault is reached.

use std::fmt;
use std::str::FromStr;

use crate::base::rule::RuleId;
use crate::base::url::HttpUrl;
use crate::base::violation::{Violation, Violations, quoted};

/// What follows the name of a Key Vault in its host, in each cloud of Azure.
const CLOUDS: [&str; 3] = [".vault.azure.net", ".vault.azure.cn", ".vault.usgovcloudapi.net"];

/// The URL of a Key Vault, such as `https://kv-shop-prod.vault.azure.net/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyVaultUrl(HttpUrl);

impl FromStr for KeyVaultUrl {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        let url: HttpUrl =
            text.parse().map_err(|faults: Violations| faults.as_rule(RuleId::SEC002))?;
        let plain = format!("https://{}", url.host());
        let is_vault =
            CLOUDS.iter().any(|cloud| url.host().strip_suffix(cloud).is_some_and(is_name));
        let written = text.strip_suffix('/').unwrap_or(text);
        if is_vault && written.eq_ignore_ascii_case(&plain) {
            return Ok(Self(url));
        }
        let shown = url.without_query();
        let rest =
            if shown == url { "" } else { ", followed by more (not shown, it may be a secret)" };
        let next = if is_vault {
            format!("Write `{plain}/`.")
        } else {
            "Write the URI that Azure shows of the vault, such as \
             `https://kv-shop-prod.vault.azure.net/`."
                .to_owned()
        };
        let found = format!("{}{rest}", quoted(shown.as_str()));
        let expected =
            "the HTTPS URL of a Key Vault, `https://<vault>.vault.azure.net/`, and nothing more";
        Err(Violation::new(RuleId::SEC002, found, expected, next).into())
    }
}

/// Whether Azure lets a Key Vault have this name.
fn is_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    (3..=24).contains(&name.len())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
        && bytes[0].is_ascii_alphabetic()
        && !name.ends_with('-')
        && !name.contains("--")
}

impl fmt::Display for KeyVaultUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

text_serde!(KeyVaultUrl);
