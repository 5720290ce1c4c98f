//! What is said of tags that are not what the state says.

use pipeline_core::git::Signature;
use pipeline_core::{CommitSha, Tag, TagName};
use tfplugin::{Diagnostic, Diagnostics, Path};

use crate::resources::VersionTag;

pub(crate) fn kept(name: &TagName) -> Diagnostic {
    Diagnostic::warning(
        VersionTag::TAG_NAME,
        "The tag stays in git",
        format!(
            "\"{name}\" is immutable (TAG009, TAG011): Terraform forgets it and git keeps it. Next: nothing; \
             `terraform import` takes it back."
        ),
    )
}

pub(crate) fn moved_outside(
    tag: &Tag,
    before: Option<CommitSha>,
    found: CommitSha,
    by: Option<&Signature>,
) -> Diagnostic {
    let expected = before.map_or_else(|| "an earlier commit".to_owned(), |sha| sha.to_string());
    let who = by.map_or_else(String::new, |by| format!(", moved by {} at {}", by.name, by.time));
    let next = if tag.is_movable() {
        "Next: apply moves it back, or change `ref` to keep the new commit."
    } else {
        "Next: put the tag back in git; no plan of Terraform moves an immutable tag."
    };
    Diagnostic::warning(
        VersionTag::TAG_NAME,
        "The tag was moved outside Terraform",
        format!("Found \"{}\" at {found}{who}; expected {expected}. {next}", tag.name()),
    )
}

pub(crate) fn deleted_outside(name: &TagName, commit: CommitSha) -> Diagnostic {
    Diagnostic::warning(
        VersionTag::TAG_NAME,
        "An immutable tag was deleted outside Terraform",
        format!(
            "Found no tag \"{name}\"; expected it at {commit}. Version and state tags are never deleted \
             (TAG009, TAG011). Next: apply puts it back on that commit."
        ),
    )
}

/// `commits`: the one of the plan, and the one of now.
pub(crate) fn led_elsewhere(
    name: &TagName,
    revision: &str,
    (planned, found): (CommitSha, CommitSha),
    path: impl Into<Path>,
) -> Diagnostic {
    Diagnostic::error(
        path,
        "The revision moved after the plan",
        format!(
            "Found that `{revision}` leads to commit `{found}` now; expected `{planned}`, on which the plan would \
             make \"{name}\". Nothing was changed. Next: plan again. A `ref` that is a full commit does not move. \
             (TAG010: a tag goes where the plan said, or nowhere)"
        ),
    )
}

pub(crate) fn no_ref(name: &TagName) -> Diagnostics {
    Diagnostic::error(
        VersionTag::REF,
        "A new tag needs a `ref`",
        format!(
            "Found no tag \"{name}\", and no `ref` to make it on; expected a commit, branch or tag. Next: write \
             for example `ref = \"HEAD\"`, or correct the name of the tag."
        ),
    )
    .into()
}

pub(crate) fn no_such_tag(name: &TagName, place: &str) -> Diagnostics {
    Diagnostic::error(
        VersionTag::TAG_NAME,
        "There is no such tag",
        format!(
            "Found no tag \"{name}\" in {place}; expected an existing tag to import. Next: check the name \
             with `git ls-remote --tags`."
        ),
    )
    .into()
}
