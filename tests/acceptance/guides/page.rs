//! Reads a guide: its blocks, and what a test does with them.
//!
//! A comment before a block says so, in words that a person reads as well. In `FOLDER`, which is `terraform` where
//! none is named, Terraform manages the product's repository:
//!
//! | comment | what is done |
//! |---|---|
//! | `<!-- test: apply [in FOLDER] [as PERSON] -->` | the block becomes `main.tf`, is applied, and a plan changes nothing |
//! | `<!-- test: refused with RULE [in FOLDER] -->` | the same, but its plan is refused with that rule; then `main.tf` is as before |
//! | `<!-- test: file NAME [in FOLDER] -->` | the block becomes that file |
//! | `<!-- test: run [in FOLDER] -->` | the block is run by a shell |
//! | `<!-- test: given service CLUSTER/NAME with IMAGE -->` | ECS has such a service, whose container is `app`; no block follows |
//! | `<!-- test: given TAG… -->` | these versions are tagged, each on a commit of its own; no block follows |

use pipeline_acceptance::{Failure, Outcome};

/// Where things are done unless a comment says otherwise.
const FOLDER: &str = "terraform";

/// What a test does with a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Task {
    /// Applies it, as this person where one is named.
    Apply(Option<String>),
    /// Sees it refused with this rule.
    Refused(String),
    /// Writes it into this file.
    File(String),
    /// Runs it.
    Run,
    /// Tags these versions.
    Given(Vec<String>),
    /// Makes a service of ECS.
    Service {
        /// Its cluster.
        cluster: String,
        /// Its name.
        name: String,
        /// What it runs.
        image: String,
    },
}

/// One thing to do, in the order of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// What.
    pub(crate) task: Task,
    /// Where.
    pub(crate) folder: String,
    /// With what; empty where no block is wanted.
    pub(crate) block: String,
}

/// A block of HCL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block<'t> {
    /// What it says.
    pub(crate) text: &'t str,
    /// Whether a comment says what a test does with it.
    pub(crate) marked: bool,
}

/// The blocks of HCL in a page.
pub(crate) fn blocks(page: &str) -> impl Iterator<Item = Block<'_>> {
    let pieces = page.match_indices("```terraform\n");
    pieces.filter_map(|(at, fence)| {
        let (before, behind) = (page.get(..at)?, page.get(at + fence.len()..)?);
        let marked = before.lines().last().is_some_and(|line| line.starts_with("<!-- test: "));
        Some(Block { text: behind.split("```").next()?, marked })
    })
}

/// All that a test does with a page.
///
/// # Errors
/// A comment says what nobody understands, or stands before no block.
pub(crate) fn steps(page: &str) -> Outcome<Vec<Step>> {
    let mut steps = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(words) =
            line.strip_prefix("<!-- test: ").and_then(|rest| rest.strip_suffix(" -->"))
        else {
            if line.contains("<!-- test") {
                return Err(Failure::new(format!("no comment for a test looks like this: {line}")));
            }
            continue;
        };
        let mut step =
            read(words).ok_or_else(|| Failure::new(format!("what does {words:?} ask for?")))?;
        if !matches!(step.task, Task::Given(_) | Task::Service { .. }) {
            let fence = lines.next().unwrap_or_default();
            if !fence.starts_with("```") {
                return Err(Failure::new(format!("no block follows {words:?}, but {fence:?}")));
            }
            step.block = lines
                .by_ref()
                .take_while(|line| *line != "```")
                .map(|line| format!("{line}\n"))
                .collect();
        }
        steps.push(step);
    }
    Ok(steps)
}

fn read(words: &str) -> Option<Step> {
    let (words, person) = last(words, " as ");
    let (words, folder) = last(words, " in ");
    let words: Vec<_> = words.split(' ').collect();
    let task = match (words.as_slice(), person) {
        (["apply"], person) => Task::Apply(person.map(str::to_owned)),
        (["refused", "with", rule], None) => Task::Refused((*rule).to_owned()),
        (["file", name], None) => Task::File((*name).to_owned()),
        (["run"], None) => Task::Run,
        (["given", "service", place, "with", image], None) => {
            let (cluster, name) = place.split_once('/')?;
            Task::Service { cluster: cluster.into(), name: name.into(), image: (*image).into() }
        }
        (["given", tags @ ..], None) if !tags.is_empty() => {
            Task::Given(tags.iter().map(|tag| (*tag).to_owned()).collect())
        }
        _ => return None,
    };
    Some(Step { task, folder: folder.unwrap_or(FOLDER).to_owned(), block: String::new() })
}

/// What stands before and behind the last of these words.
fn last<'t>(text: &'t str, word: &str) -> (&'t str, Option<&'t str>) {
    text.rsplit_once(word).map_or((text, None), |(before, behind)| (before, Some(behind)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_comments_ask_for() -> Outcome {
        let page = "Text.\n\n<!-- test: given v1.0.0 api/v1.0.0 -->\n<!-- test: apply in shop as grace -->\n```terraform\n\
                    a = 1\n\nb = 2\n```\n\n```terraform\nnot = this\n```\n<!-- test: run -->\n```shell\nls\n```\n";
        let steps = steps(page)?;
        let step = |task, folder: &str, block: &str| Step {
            task,
            folder: folder.into(),
            block: block.into(),
        };
        assert_eq!(
            steps,
            [
                step(Task::Given(vec!["v1.0.0".into(), "api/v1.0.0".into()]), "terraform", ""),
                step(Task::Apply(Some("grace".into())), "shop", "a = 1\n\nb = 2\n"),
                step(Task::Run, "terraform", "ls\n"),
            ]
        );
        Ok(())
    }

    #[test]
    fn tells_blocks_with_a_comment() {
        let page = "<!-- test: apply -->\n```terraform\na = 1\n```\n\n```terraform\nb = 2\n```\n";
        let found: Vec<_> = blocks(page).map(|block| (block.text, block.marked)).collect();
        assert_eq!(found, [("a = 1\n", true), ("b = 2\n", false)]);
    }

    #[test]
    fn reads_what_a_guide_starts_from() -> Outcome {
        let steps = steps("<!-- test: given service shop/api with example/api:1.4.0 -->\nText.\n")?;
        let (cluster, name, image) = ("shop".into(), "api".into(), "example/api:1.4.0".into());
        assert_eq!(steps[0].task, Task::Service { cluster, name, image });
        Ok(())
    }

    #[test]
    fn refuses_what_it_does_not_understand() {
        for page in [
            "<!-- test: aply -->\n```terraform\n```\n",
            "<!-- test: apply -->\n\n```terraform\n```\n",
            "<!-- test apply -->\n```terraform\n```\n",
            "<!-- test: run as grace -->\n```shell\n```\n",
            "<!-- test: given -->\n",
        ] {
            assert!(steps(page).is_err(), "{page}");
        }
    }
}
