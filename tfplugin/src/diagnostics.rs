//! What went wrong, or might: the only way an error reaches the person who wrote the HCL.

use std::borrow::Cow;
use std::io;

use crate::path::Path;

/// How bad a [`Diagnostic`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Stops the operation.
    Error,
    /// Is shown, and stops nothing.
    Warning,
}

/// One problem, with where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// A title without a full stop.
    pub summary: String,
    /// What was found, what was expected, what to do next.
    pub detail: String,
    /// The attribute to blame; the root blames the whole block.
    pub path: Path,
}

impl Diagnostic {
    /// An error at `path`.
    pub fn error(
        path: impl Into<Path>,
        summary: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Error,
            summary: summary.into(),
            detail: detail.into(),
            path: path.into(),
        }
    }

    /// A warning at `path`.
    pub fn warning(
        path: impl Into<Path>,
        summary: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Warning, ..Self::error(path, summary, detail) }
    }

    /// The detail, with the whole path in words where it leads into an attribute: a host shows where
    /// the attribute is written, and nothing of the steps inside it.
    pub(crate) fn located(&self) -> Cow<'_, str> {
        let path = self.path.to_string();
        let said = self.path.steps().len() < 2 || self.detail.contains(&format!("`{path}`"));
        if said {
            Cow::Borrowed(&self.detail)
        } else {
            Cow::Owned(format!("At `{path}`: {}", self.detail).trim_end().to_owned())
        }
    }
}

/// Every problem of one operation, in the order found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// No problem yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { list: Vec::new() }
    }

    /// Adds one problem; the same problem twice is kept once.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if !self.list.contains(&diagnostic) {
            self.list.push(diagnostic);
        }
    }

    /// Adds an error.
    pub fn error(
        &mut self,
        path: impl Into<Path>,
        summary: impl Into<String>,
        detail: impl Into<String>,
    ) {
        self.push(Diagnostic::error(path, summary, detail));
    }

    /// Adds a warning.
    pub fn warning(
        &mut self,
        path: impl Into<Path>,
        summary: impl Into<String>,
        detail: impl Into<String>,
    ) {
        self.push(Diagnostic::warning(path, summary, detail));
    }

    /// Both succeeded, or everything that either found.
    ///
    /// # Errors
    /// The problems of one or of both.
    pub fn both(left: Result<(), Self>, right: Result<(), Self>) -> Result<(), Self> {
        match (left, right) {
            (Err(mut left), Err(right)) => {
                left.extend(right);
                Err(left)
            }
            (left, right) => left.and(right),
        }
    }

    /// Whether anything here stops the operation.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All problems, in the order found.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { list: vec![diagnostic] }
    }
}

/// For code that has nothing to add: better say what was being done, and what to do next.
impl From<io::Error> for Diagnostics {
    fn from(error: io::Error) -> Self {
        Diagnostic::error(Path::root(), "Input or output failed", format!("{error}.")).into()
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, more: I) {
        for diagnostic in more {
            self.push(diagnostic);
        }
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn located(path: Path, detail: &str) -> String {
        Diagnostic::error(path, "Invalid value", detail).located().into_owned()
    }

    #[test]
    fn a_path_into_an_attribute_is_said_in_words() {
        let status = Path::from("health_check").attribute("expected_status");
        let told = located(status.clone(), "Found 700; expected 100 to 599.");
        assert_eq!(told, "At `health_check.expected_status`: Found 700; expected 100 to 599.");
        let first = Path::from("regions").index(0);
        assert_eq!(located(first.attribute("name"), "Bad."), "At `regions[0].name`: Bad.");
        assert_eq!(located(Path::from("tags").key("a b"), "Bad."), "At `tags[\"a b\"]`: Bad.");
        assert_eq!(located(status, ""), "At `health_check.expected_status`:");
    }

    #[test]
    fn what_the_host_shows_or_the_text_says_is_not_said_again() {
        assert_eq!(located(Path::root(), "Bad."), "Bad.");
        assert_eq!(located(Path::from("name"), "Bad."), "Bad.");
        let text = "The result at `home.name` is not what the plan promised.";
        assert_eq!(located(Path::from("home").attribute("name"), text), text);
    }
}
