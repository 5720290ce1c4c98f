//! Signs beside words. They are drawn, because not every device has letters for them, and each has a shape of its
//! own: colour is never all that tells two of them apart.

use maud::{Markup, html};

use crate::deployment::Status;

/// A sign, drawn around its middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Succeeded,
    Failed,
    RolledBack,
    Cancelled,
    InProgress,
    Queued,
    Approved,
    Warning,
    Note,
}

impl Sign {
    const ALL: [Self; 9] = [
        Self::Succeeded,
        Self::Failed,
        Self::RolledBack,
        Self::Cancelled,
        Self::InProgress,
        Self::Queued,
        Self::Approved,
        Self::Warning,
        Self::Note,
    ];

    /// The name of the drawing, and of the colour.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::RolledBack => "rolled_back",
            Self::Cancelled => "cancelled",
            Self::InProgress => "in_progress",
            Self::Queued => "queued",
            Self::Approved => "approved",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }

    /// What is filled, and the lines on it.
    const fn paths(self) -> (&'static str, &'static str) {
        const ROUND: &str = "M-6.5 0a6.5 6.5 0 1 1 13 0a6.5 6.5 0 1 1-13 0z";
        match self {
            Self::Succeeded => (ROUND, "M-3 .3-.8 2.6 3.2-2.4"),
            Self::Failed => ("M-7.5 0 0-7.5 7.5 0 0 7.5z", "M-2.2-2.2 2.2 2.2M2.2-2.2-2.2 2.2"),
            Self::RolledBack => ("M-6.5-6.5h13v13h-13z", "M-.5-3.5-3.5-.8-.5 1.9M-3.2-.8H3.5V3.2"),
            Self::Cancelled => (ROUND, "M-4 4 4-4"),
            Self::InProgress => (ROUND, "M-1.8-3.2 3.4 0-1.8 3.2z"),
            Self::Queued => (ROUND, "M0-3.8V0L2.8 1.8"),
            Self::Approved => ("M-5-4.5H5L0 4.5z", ""),
            Self::Warning => ("M0-7 7.2 6H-7.2z", "M0-2.6V1.4M0 3.6V3.7"),
            Self::Note => (ROUND, "M0-3.3V-3.2M0-.5V3.3"),
        }
    }

    /// The sign on a drawing, in its place.
    pub(super) fn placed(self, x: &str, y: i64) -> Markup {
        html! { use href={ "#sign-" (self.name()) } x=(x) y=(y) {} }
    }

    /// The sign in a line of text, in its colour.
    pub(super) fn inline(self) -> Markup {
        html! {
            svg.sign viewBox="-8 -8 16 16" aria-hidden="true" { use href={ "#sign-" (self.name()) } {} }
        }
    }
}

impl From<Status> for Sign {
    fn from(status: Status) -> Self {
        match status {
            Status::Succeeded => Self::Succeeded,
            Status::Failed => Self::Failed,
            Status::RolledBack => Self::RolledBack,
            Status::Cancelled => Self::Cancelled,
            Status::InProgress => Self::InProgress,
            Status::Queued => Self::Queued,
        }
    }
}

/// The drawings that the rest of the page names.
pub(super) fn drawings() -> Markup {
    html! {
        svg.drawings width="0" height="0" aria-hidden="true" {
            defs { @for sign in Sign::ALL {
                @let (shape, lines) = sign.paths();
                g id={ "sign-" (sign.name()) } {
                    path.shape d=(shape) {}
                    @if !lines.is_empty() { path.line d=(lines) {} }
                }
            } }
        }
    }
}

/// A sign and its word.
pub(super) fn chip(sign: Sign, word: &str) -> Markup {
    html! { span.chip.(sign.name()) { (sign.inline()) (word) } }
}

/// The outcome of a deployment.
pub(super) fn outcome(status: Status) -> Markup {
    let word = match status {
        Status::Succeeded => "Succeeded",
        Status::Failed => "Failed",
        Status::RolledBack => "Rolled back",
        Status::Cancelled => "Cancelled",
        Status::InProgress => "In progress",
        Status::Queued => "Queued",
    };
    chip(status.into(), word)
}
