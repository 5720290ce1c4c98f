//! A tag of another provider, taken over by a `moved` block: `git_tag` of metio/git.
//!
//! A move knows no settings and no repository: what they say is filled in by the first refresh.

use pipeline_core::{CommitSha, TagName};
use serde_json::Value as Json;
use tfplugin::{Computed, Diagnostics, MoveSource, Text};

use super::model::VersionTag;
use crate::error::Blame as _;

/// The tag in the state of another provider; nothing where we know no such resource.
pub(super) fn taken_over(source: &MoveSource) -> Option<Result<VersionTag, Diagnostics>> {
    let known = source.type_name == "git_tag" && source.provider.ends_with("/metio/git");
    known.then(|| read(&source.state))
}

fn read(state: &Json) -> Result<VersionTag, Diagnostics> {
    let text = |name: &str| state.get(name).and_then(Json::as_str);
    let name: TagName = text("name").unwrap_or_default().parse().blame(VersionTag::TAG_NAME)?;
    let tag = VersionTag::blank(name);
    // Of an annotated tag, `sha1` is the commit at first and the tag's own object later; only a lightweight tag's, which
    // has no message, is a commit for certain.
    let is_lightweight = text("message").is_none();
    let commit = text("sha1").filter(|_| is_lightweight);
    let commit = commit.and_then(|it| it.parse::<CommitSha>().ok());
    Ok(VersionTag {
        r#ref: text("revision").map_or(Computed::Unknown, |it| it.to_owned().into()),
        commit_sha: commit.map_or(Computed::Unknown, |it| Text(it).into()),
        ..tag
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn source(provider: &str, type_name: &str, state: Json) -> MoveSource {
        let (provider, type_name) = (provider.to_owned(), type_name.to_owned());
        MoveSource { provider, type_name, version: 0, state, private: Vec::new() }
    }

    fn state(name: &str, message: Option<&str>) -> Json {
        let sha1 = "0123456789012345678901234567890123456789";
        json!({ "directory": "/repo", "id": format!("/repo|{name}"), "name": name, "message": message,
                "revision": "HEAD", "sha1": sha1 })
    }

    #[test]
    fn the_commit_of_a_lightweight_tag_alone_is_believed() {
        for (message, known) in [(None, true), (Some("Notes"), false)] {
            let from =
                source("registry.opentofu.org/metio/git", "git_tag", state("v1.0.0", message));
            let tag = taken_over(&from).unwrap().unwrap();
            assert_eq!(tag.tag_name.as_str(), "v1.0.0");
            assert_eq!(tag.r#ref.get().map(String::as_str), Some("HEAD"));
            assert_eq!(tag.commit().is_some(), known);
            assert_eq!(tag.is_movable.get(), None, "only the settings know");
        }
    }

    #[test]
    fn what_is_no_tag_name_is_refused() {
        for bad in [state("a..b", None), json!({}), Json::Null] {
            let from = source("registry.terraform.io/metio/git", "git_tag", bad);
            assert!(taken_over(&from).unwrap().is_err());
        }
    }

    #[test]
    fn other_resources_are_left_alone() {
        for (provider, name) in [
            ("registry.terraform.io/metio/git", "git_commit"),
            ("example.com/other/git", "git_tag"),
        ] {
            assert!(taken_over(&source(provider, name, state("v1.0.0", None))).is_none());
        }
    }
}
