//! Decrypting a file, with age identities, in memory. Pure: bytes and identities in, values out.
//!
//! No value leaves before the MAC over all of them was found right. Left out, and refused by name: several groups
//! of keys (Shamir's shares), key services and PGP, and every age recipient but X25519.

mod age;
mod cipher;
mod identities;
mod leaf;
mod locked;
mod secrets;
mod walk;

#[cfg(test)]
mod tests;

pub use identities::{Identities, Source, Unusable};
pub use locked::Locked;
pub use secrets::{Handed, Prints, Secrets};

use sha2::{Digest as _, Sha512};
use subtle::ConstantTimeEq as _;

use super::metadata::{self, Metadata};
use super::rule::Rule;
use super::tree::Node;
use super::{NotEncrypted, encoding};
use age::Shut;
use cipher::DataKey;
use walk::Walk;

/// How many sealed data keys are tried.
const MOST_KEYS: usize = 64;

/// What SOPS counts in before all values where the MAC covers encrypted ones only: the SHA-256 of `sops`.
const ONLY_ENCRYPTED: [u8; 32] = [
    0x8a, 0x3f, 0xd2, 0xad, 0x54, 0xce, 0x66, 0x52, 0x7b, 0x10, 0x34, 0xf3, 0xd1, 0x47, 0xbe, 0x0b,
    0x0b, 0x97, 0x5b, 0x3b, 0xf4, 0x4f, 0x72, 0xc6, 0xfd, 0xad, 0xec, 0x81, 0x76, 0xf2, 0x7d, 0x69,
];

/// Decrypts a file. `path` only tells the format, as in [`inspect`](super::inspect).
///
/// # Errors
/// [`Locked`]; then no value is known to the caller.
pub fn decrypt(path: &str, bytes: &[u8], identities: &Identities) -> Result<Secrets, Locked> {
    let report = super::inspect(path, bytes).map_err(Locked::NotEncrypted)?;
    if report.key_groups > 1 {
        return Err(Locked::KeyGroups { groups: report.key_groups });
    }
    if !report.keys.contains_key("age") {
        return Err(Locked::OtherKeys { kinds: report.keys.into_keys().collect() });
    }
    let (format, text) = encoding::read(path, bytes).map_err(Locked::NotEncrypted)?;
    let fault = |problem| Locked::NotEncrypted(NotEncrypted::one(format, problem));
    let mut documents = super::read(format, text).map_err(fault)?;
    let mut section = None;
    for document in &mut documents {
        let found = metadata::take(format, document).map_err(fault)?;
        section = section.or(found);
    }
    let section = section.ok_or_else(|| fault(super::Problem::NoMetadata))?;
    let metadata = Metadata::read(&section);
    let rule = Rule::of(&metadata).map_err(fault)?;
    let key = data_key(&section, identities)?;
    let hash = Sha512::new();
    let hash = if metadata.mac_only_encrypted { hash.chain_update(ONLY_ENCRYPTED) } else { hash };
    let mut walk = Walk::new(format, &rule, &key, hash, metadata.mac_only_encrypted);
    let branches = walk.documents(&documents)?;
    let mac = walk.hash.finalize();
    if !is_genuine(&section, &key, &mac) {
        return Err(Locked::Mac);
    }
    walk::secrets(format, branches)
}

/// The data key, by the first of the identities that it is sealed for.
fn data_key(section: &Node, identities: &Identities) -> Result<DataKey, Locked> {
    let group = section.get("key_groups").and_then(|groups| groups.items().first());
    let group = group.map_or(section, |group| &*group.node);
    let sealed = group.get("age").map(Node::items).unwrap_or_default();
    let mut damaged = false;
    for item in sealed.iter().take(MOST_KEYS) {
        let Some(armoured) = item.node.get("enc").and_then(Node::text) else { continue };
        // Formats of lines write the breaks of a text as two letters.
        match age::open(&armoured.replace("\\n", "\n"), &identities.keys) {
            Ok(key) => return DataKey::new(&key).ok_or(Locked::DataKey),
            Err(Shut::Damaged) => damaged = true,
            Err(Shut::NotForUs) => {}
        }
    }
    if damaged {
        return Err(Locked::DataKey);
    }
    let recipient =
        |item: &super::tree::Item| item.node.get("recipient")?.text().map(str::to_owned);
    Err(Locked::NotForUs {
        identities: identities.told(),
        recipients: sealed.iter().filter_map(recipient).collect(),
    })
}

/// Whether these are the values that were encrypted, told in a time that does not depend on where they differ.
fn is_genuine(section: &Node, key: &DataKey, mac: &[u8]) -> bool {
    let text = |name| section.get(name).and_then(Node::text);
    let (Some(sealed), Some(modified)) = (text("mac"), text("lastmodified")) else { return false };
    let Some((expected, _)) = key.open(sealed, modified) else { return false };
    let found: String = mac.iter().map(|byte| format!("{byte:02X}")).collect();
    expected.ct_eq(found.as_bytes()).into()
}
