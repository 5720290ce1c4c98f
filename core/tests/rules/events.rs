//! Cases of events and links.

use pipeline_core::action_link::{ActionLink, ActionLinkParts};
use pipeline_core::event::PushEvent;
use serde_json::json;

use super::{Case, Found, case, found};

pub(crate) const CASES: &[Case] = &[
    case("EVT001", || pushed("refs/heads/main"), || event(&json!({ "zen": "Keep it simple." }))),
    case("EVT002", || pushed("refs/heads/main"), || pushed("refs/tags/v1.2.3")),
    case("LNK001", || link("Promote", "version", "release"), || link("Go", "version", "release")),
    case(
        "LNK002",
        || link("Promote", "version", "release"),
        || at("https://example.com/release.yml"),
    ),
    case(
        "LNK003",
        || link("Promote", "version", "release"),
        || link("Promote", "version", "rollback"),
    ),
    case(
        "LNK004",
        || link("Promote", "version", "release"),
        || link("Promote", "versoin", "release"),
    ),
];

fn event(payload: &serde_json::Value) -> Found {
    found(PushEvent::read(&payload.to_string()))
}

fn pushed(name: &str) -> Found {
    event(&json!({
        "ref": name, "before": "1".repeat(40), "after": "2".repeat(40),
        "head_commit": {
            "message": "Serve orders", "timestamp": "2025-11-21T10:30:00-07:00",
            "author": { "email": "ana@example.com" },
        },
        "repository": { "clone_url": "https://github.com/example/shop.git" },
    }))
}

fn link(label: &str, input: &str, category: &str) -> Found {
    let page = "https://github.com/example/shop/actions/workflows/release.yml";
    written(label, &format!("{page}?inputs={input}:v1.2.3"), category)
}

fn at(url: &str) -> Found {
    written("Promote", url, "release")
}

fn written(label: &str, url: &str, category: &str) -> Found {
    let (label, url, category) = (label.to_owned(), url.to_owned(), category.to_owned());
    let parts = ActionLinkParts { label, url, category, ..ActionLinkParts::default() };
    found(ActionLink::new(parts, "github.com"))
}
