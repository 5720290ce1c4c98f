//! The environment tag: it moves with a success that was to move it, from where it stood when the
//! deployment began, and no other way.

use pipeline_core::{Deployment, Status, Tag, TagGrammar, TagName};

use super::Broken;
use crate::chronicle::Promise;
use crate::truth::{Commit, Place};

pub(super) fn judge(place: &Place, commit: &Commit) -> Broken {
    let moving = commit.records.iter().find(|record| moves(record));
    let mut broken = Broken::new();
    for tag in commit.tags.keys() {
        if moving.is_none_or(|record| tag_of(record) != *tag) {
            broken.push((Promise::Tag, format!("{tag} moved without a success")));
        }
    }
    let Some(record) = moving else { return broken };
    let tag = tag_of(record);
    if commit.tags.get(&tag) != Some(&Some(record.commit_sha)) {
        broken.push((Promise::Tag, format!("{tag} did not move with a success")));
    }
    let stood = place.tags.get(&tag).copied();
    if stood != record.previous_commit {
        let told = format!("{tag} stood on {stood:?}, not {:?}", record.previous_commit);
        broken.push((Promise::Tag, told));
    }
    broken
}

/// Whether the tag has to move with this record.
fn moves(record: &Deployment) -> bool {
    record.status() == Status::Succeeded
        && record.will_move_env_tag
        && TagGrammar::default().has_tags(&record.environment)
}

/// The tag of a deployment's environment and sub-project.
pub(crate) fn tag_of(record: &Deployment) -> TagName {
    let project = record.version.sub_project_path().clone();
    Tag::of_environment(project, record.environment.clone()).name().clone()
}
