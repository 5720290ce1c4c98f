//! SOPS: whether a file is encrypted, in whole, as SOPS itself would have left it.
//!
//! Pure, and without keys; with keys, [`decrypt`](decrypt::decrypt) gives the values. What is checked is that
//! every value that the file's own rules call secret is ciphertext, that a MAC is there, and that
//! somebody holds a key. A value that is found in the clear is named by its place, never shown.
//!
//! Comments are not judged: SOPS leaves those of older files in the clear.

#[cfg(feature = "decrypt")]
pub mod decrypt;
mod detect;
mod dotenv;
mod encoding;
mod error;
mod flat;
mod format;
mod ini;
mod json;
mod judge;
mod lines;
mod metadata;
mod rule;
mod tree;
mod yaml;

use std::collections::BTreeMap;

pub use error::{NotEncrypted, Problem};
pub use format::Format;

use judge::Judge;
use metadata::Metadata;
use rule::Rule;
use tree::Node;

use crate::base::limits::LARGEST_FILE;

/// What an encrypted file says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SopsReport {
    /// How the file is written.
    pub format: Format,
    /// How many values are encrypted.
    pub encrypted: usize,
    /// How many values the file's own rules leave in the clear.
    pub in_the_clear: usize,
    /// How many key groups there are; several mean that one key of each is needed.
    pub key_groups: usize,
    /// How many keys there are of each kind, such as `age` or `kms`.
    pub keys: BTreeMap<String, usize>,
    /// When SOPS last wrote it, as it says.
    pub last_modified: Option<String>,
    /// The version of SOPS that wrote it.
    pub version: Option<String>,
    /// Whether the MAC covers encrypted values only.
    pub mac_only_encrypted: bool,
}

/// Looks whether a file is encrypted. `path` only tells the format by its ending; where it does
/// not, as with `secrets.enc`, the bytes do.
///
/// # Errors
/// [`NotEncrypted`] with everything that is wrong.
pub fn inspect(path: &str, bytes: &[u8]) -> Result<SopsReport, NotEncrypted> {
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if size > LARGEST_FILE {
        let problem = Problem::TooLarge { size, most: LARGEST_FILE };
        return Err(NotEncrypted::one(Format::Binary, problem));
    }
    let (format, text) = encoding::read(path, bytes)?;
    let documents = match read(format, text) {
        Ok(documents) => documents,
        Err(problem) => return Err(NotEncrypted::one(format, problem)),
    };
    judge(format, documents)
}

fn read(format: Format, text: &str) -> Result<Vec<Node>, Problem> {
    match format {
        Format::Yaml => yaml::read(text),
        Format::Json => json::read(text).map(|node| vec![node]),
        Format::Binary => {
            json::read(text).map(|node| vec![node]).map_err(|problem| match problem {
                Problem::TooDeep { .. } => problem,
                _ => Problem::NoMetadata,
            })
        }
        Format::Dotenv => dotenv::read(text).map(|node| vec![node]),
        Format::Ini => ini::read(text).map(|node| vec![node]),
    }
}

fn judge(format: Format, mut documents: Vec<Node>) -> Result<SopsReport, NotEncrypted> {
    let mut found = Vec::new();
    for document in &mut documents {
        let section = metadata::take(format, document);
        found.push(section.map_err(|problem| NotEncrypted::one(format, problem))?);
    }
    // SOPS itself reads the first document's, and writes the same into each.
    let Some(found) = found.into_iter().next().flatten() else {
        return Err(NotEncrypted::one(format, Problem::NoMetadata));
    };
    let metadata = Metadata::read(&found);
    let mut problems = metadata.problems();
    let rule = Rule::of(&metadata).map_err(|problem| problems.push(problem)).ok();
    let mut judge = Judge::by(rule.as_ref());
    documents.iter().for_each(|document| judge.judge(document));
    let (encrypted, in_the_clear) = (judge.encrypted, judge.in_the_clear);
    problems.extend(judge.into_problems());
    // Where there is no value at all, there is nothing to encrypt.
    if problems.is_empty() && encrypted == 0 && in_the_clear > 0 {
        problems.push(Problem::NothingEncrypted { in_the_clear });
    }
    if !problems.is_empty() {
        return Err(NotEncrypted { format, problems });
    }
    Ok(SopsReport {
        format,
        encrypted,
        in_the_clear,
        key_groups: metadata.key_groups,
        keys: metadata.keys,
        last_modified: metadata.last_modified,
        version: metadata.version,
        mac_only_encrypted: metadata.mac_only_encrypted,
    })
}

/// Whether a text is what SOPS makes of a value.
fn is_ciphertext(text: &str) -> bool {
    let parts = text.strip_prefix("ENC[AES256_GCM,data:").and_then(|rest| rest.strip_suffix(']'));
    let Some((data, rest)) = parts.and_then(|parts| parts.split_once(",iv:")) else { return false };
    let Some((iv, rest)) = rest.split_once(",tag:") else { return false };
    let Some((tag, kind)) = rest.split_once(",type:") else { return false };
    const KINDS: [&str; 7] = ["str", "int", "float", "bool", "bytes", "time", "comment"];
    [data, iv, tag].into_iter().all(is_base64) && KINDS.contains(&kind)
}

fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    !body.is_empty()
        && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/')
}

#[cfg(test)]
mod tests;
