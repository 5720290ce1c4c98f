//! What a person should know of the commit that a `ref` means, although it can be used.

use pipeline_core::git::{LocalBranch, Published};
use pipeline_core::{CommitSha, Tag};
use tfplugin::{Diagnostic, Path};

/// A branch of the clone that is not the remote's.
pub(crate) fn local_branch(branch: &LocalBranch, path: impl Into<Path>) -> Diagnostic {
    let LocalBranch { name, remote, here, there } = branch;
    match there {
        Some(there) => Diagnostic::warning(
            path,
            "The local branch is not the remote's",
            format!(
                "Found your local `{name}` at {here}; expected {there}, where `{name}` of `{remote}` is. The \
                 remote's is used. Next: nothing, if that is meant; `git pull` or `git push` makes them \
                 equal, and `HEAD` or a full commit means what is here."
            ),
        ),
        None => Diagnostic::warning(
            path,
            "The branch is only here",
            format!(
                "Found `{name}` at {here} in this clone alone; expected a branch of `{remote}`. It means another \
                 commit, or none, on other machines. Next: push the branch, or name a full commit."
            ),
        ),
    }
}

/// A commit that the remote may not lead to, as far as that is no error.
pub(crate) fn unpublished(
    tag: &Tag,
    commit: CommitSha,
    published: &Published,
    path: impl Into<Path>,
) -> Option<Diagnostic> {
    match published {
        Published::No { trial } if tag.is_movable() => {
            let what = trial
                .as_ref()
                .map_or_else(String::new, |name| format!(", a trial merge (`{name}`)"));
            Some(Diagnostic::warning(
                path,
                "The commit is on no branch of the remote",
                format!(
                    "Found commit {commit}{what}, to which no branch or tag of the remote leads; expected one \
                     of a branch or tag there. Only the tag `{tag}` will lead to it. Next: push the commit to \
                     a branch, or name another one; nothing, if that is meant."
                ),
            ))
        }
        Published::Unknown => Some(Diagnostic::warning(
            path,
            "Whether the commit is on a branch of the remote is not known",
            format!(
                "Found commit {commit} in a clone without the history that leads to it, and the remote does \
                 not say; expected a commit of a branch or tag there. Next: check out the whole history \
                 (`fetch-depth: 0` of actions/checkout, `GIT_DEPTH: 0` of GitLab, `git fetch --unshallow`); \
                 nothing, if you know the commit."
            ),
        )),
        _ => None,
    }
}
