//! What a file holds, once its MAC was found right: in memory only, and never printed by itself.

use std::collections::BTreeMap;
use std::fmt;
use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::super::format::Format;
use crate::base::rule::RuleId;
use crate::base::violation::Violation;

/// The values of a file. They are cleared when this goes.
///
/// Nobody gets them but through [`Secrets::hand_out`].
pub struct Secrets {
    pub(crate) format: Format,
    /// By place, such as `database.users[0].password`; what has no value is left out.
    pub(crate) values: BTreeMap<String, Zeroizing<String>>,
    /// All of it as JSON, where all of it is text.
    pub(crate) json: Option<Zeroizing<String>>,
    /// The bytes of a file that is no structure.
    pub(crate) content: Option<Zeroizing<Vec<u8>>>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({} values of {})", self.values.len(), self.format)
    }
}

/// Where a program that is handed secrets may print one.
pub enum Prints<'a> {
    /// Nowhere, as the provider.
    Nothing,
    /// To the log of a job of GitHub Actions, which is this.
    GithubActions(&'a mut dyn io::Write),
    /// Anywhere else, at its own risk.
    Elsewhere,
}

impl Secrets {
    /// Hands the values out. In GitHub Actions the commands that mask them are written first (SEC008).
    ///
    /// # Errors
    /// SEC008 where they cannot be written: then nothing is handed out.
    pub fn hand_out(self, prints: Prints<'_>) -> Result<Handed, Violation> {
        if let Prints::GithubActions(log) = prints {
            let commands = self.masks();
            let written = log.write_all(commands.as_bytes()).and_then(|()| log.flush());
            written.map_err(|error| unmasked(&error))?;
        }
        Ok(Handed(self))
    }

    /// A command for each line of each value: GitHub masks line by line.
    fn masks(&self) -> Zeroizing<String> {
        let mut commands = Zeroizing::new(String::new());
        let content = self.content.as_ref().and_then(|bytes| std::str::from_utf8(bytes).ok());
        let texts = self.values.values().map(|text| text.as_str()).chain(content);
        let lines = texts.flat_map(|text| text.split(['\n', '\r']));
        for line in lines.map(str::trim).filter(|line| !line.is_empty()) {
            commands.push_str("::add-mask::");
            commands.push_str(&line.replace('%', "%25"));
            commands.push('\n');
        }
        commands
    }
}

/// SEC008: what masks the values stands in the log before they may be printed.
fn unmasked(error: &io::Error) -> Violation {
    Violation::new(
        RuleId::SEC008,
        format!("that the commands which mask the values cannot be written: {error}"),
        "`::add-mask::` for each line of each value in the log of the job, before it can be printed",
        "Let the program write to the log of the job, or print no value and say so.",
    )
}

/// Values that were handed out.
pub struct Handed(Secrets);

impl fmt::Debug for Handed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handed({:?})", self.0)
    }
}

impl Handed {
    /// How the file is written.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.0.format
    }

    /// Each value as text, by its place: keys joined by dots, positions in brackets. Numbers and truth values are
    /// texts too; what has no value is left out.
    pub fn values(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.values.iter().map(|(place, value)| (place.as_str(), value.as_str()))
    }

    /// All of it as JSON, with its types: an object, or a list of them for YAML of several documents. Nothing
    /// where the file is no structure.
    #[must_use]
    pub fn json(&self) -> Option<&str> {
        self.0.json.as_ref().map(|json| json.as_str())
    }

    /// The bytes of a file that is no structure.
    #[must_use]
    pub fn content(&self) -> Option<&[u8]> {
        self.0.content.as_ref().map(|content| content.as_slice())
    }

    /// The same in base64.
    #[must_use]
    pub fn content_base64(&self) -> Option<String> {
        self.content().map(|content| STANDARD.encode(content))
    }
}
