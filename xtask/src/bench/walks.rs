//! Plan, apply and second plan of many objects: version tags with a remote, and the floor, the same
//! number of Terraform's built-in `terraform_data`. A tag has twelve values and `terraform_data` four,
//! and Terraform's own time grows with each, so a third side is `terraform_data` with twelve.

use std::fmt;
use std::path::Path;

use pipeline_acceptance::Outcome;
use pipeline_acceptance::repository::Repository;
use pipeline_acceptance::sandbox::Sandbox;
use pipeline_acceptance::terraform::Terraform;
use pipeline_acceptance::workspace::Workspace;

use super::table::{Row, Table};
use super::{Many, git, median, timed};

/// Seconds of the three walks.
#[derive(Debug, Clone, Copy)]
struct Walks {
    plan: f64,
    apply: f64,
    again: f64,
}

/// One of the three.
type Part = fn(&Walks) -> f64;

/// What there are many of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    /// `pipeline_version_tag`.
    Tags,
    /// `terraform_data` with one value as input.
    Floor,
    /// `terraform_data` with as many values as a version tag.
    Values,
}

/// Times of every round so far.
#[derive(Debug, Default)]
pub(crate) struct Times {
    tags: Vec<Walks>,
    floor: Vec<Walks>,
    values: Vec<Walks>,
    push: Vec<f64>,
}

/// One round of all sides; who comes first alternates.
pub(crate) fn round(
    many: Many,
    count: usize,
    number: usize,
    terraform: &Terraform,
    provider: &Path,
) -> Outcome<Times> {
    let mut sides = [Side::Tags, Side::Floor, Side::Values];
    let first = number % sides.len();
    sides.rotate_left(first);
    let mut times = Times::default();
    for side in sides {
        let walks = walk(many, count, side, terraform, provider)?;
        times.of(side).push(walks);
    }
    times.push.push(git::push(count)?.as_secs_f64());
    Ok(times)
}

fn walk(
    many: Many,
    count: usize,
    side: Side,
    terraform: &Terraform,
    provider: &Path,
) -> Outcome<Walks> {
    let sandbox = Sandbox::temporary()?;
    let environment = &sandbox.environment;
    let workspace = Workspace::with(environment, "terraform", terraform.clone(), provider)?;
    if side == Side::Tags {
        let repository = Repository::product(environment, "product")?;
        repository.publish("remote.git")?;
        workspace.configure(&repository.path(), "")?;
    }
    workspace.main(&configuration(many, count, side))?;
    let seconds = |name: &str, words: &[&str]| -> Outcome<f64> {
        let words = [&["-input=false", "-no-color"], words].concat();
        Ok(timed(|| workspace.run(name, &words)?.success().map(drop))?.as_secs_f64())
    };
    Ok(Walks {
        plan: seconds("plan", &["-out=saved"])?,
        apply: seconds("apply", &["saved"])?,
        again: seconds("plan", &["-detailed-exitcode"])?,
    })
}

/// The resource, so many times.
fn configuration(many: Many, count: usize, side: Side) -> String {
    let name = |index: &str| format!("p${{{index} % 40}}/v1.${{{index}}}.0");
    let names = format!(
        "locals {{\n  names = toset([for index in range({count}) : \"{}\"])\n}}\n",
        name("index")
    );
    let (locals, by, name) = match many {
        Many::Count => (String::new(), format!("count = {count}"), name("count.index")),
        Many::ForEach => (names, "for_each = local.names".to_owned(), "${each.key}".to_owned()),
    };
    let (kind, values) = match side {
        Side::Tags => ("pipeline_version_tag", format!("tag_name = \"{name}\"\n  ref = \"HEAD\"")),
        Side::Floor => ("terraform_data", format!("input = \"{name}\"")),
        // What goes in comes out again; with `id` and `triggers_replace` that makes twelve.
        Side::Values => ("terraform_data", input_of_five(&name)),
    };
    format!("{locals}resource \"{kind}\" \"many\" {{\n  {by}\n  {values}\n}}\n")
}

fn input_of_five(name: &str) -> String {
    let commit = "0123456789abcdef0123456789abcdef01234567";
    format!(
        "input = {{ tag_name = \"{name}\", ref = \"HEAD\", tag_type = \"version\", path = \"p\", \
         commit_sha = \"{commit}\" }}"
    )
}

impl Times {
    fn of(&mut self, side: Side) -> &mut Vec<Walks> {
        match side {
            Side::Tags => &mut self.tags,
            Side::Floor => &mut self.floor,
            Side::Values => &mut self.values,
        }
    }

    /// Adds the times of another round.
    pub(crate) fn extend(&mut self, other: Self) {
        self.tags.extend(other.tags);
        self.floor.extend(other.floor);
        self.values.extend(other.values);
        self.push.extend(other.push);
    }

    /// The medians side by side, and the ratios that are bounded.
    pub(crate) fn rows(&self, count: usize, table: &mut Table) {
        let middle = |all: &[Walks], part: Part| median(&all.iter().map(part).collect::<Vec<_>>());
        let parts: [(&str, Part, Option<f64>); 3] = [
            ("plan", |walks| walks.plan, None),
            ("no-op plan", |walks| walks.again, Some(1.5)),
            ("apply of a saved plan", |walks| walks.apply, None),
        ];
        for (name, part, bound) in parts {
            let (tags, floor) = (middle(&self.tags, part), middle(&self.floor, part));
            table.add(Row::figure(format!("{name}, {count} version tags (s)"), tags));
            table.add(Row::figure(format!("{name}, {count} terraform_data, the floor (s)"), floor));
            let values = middle(&self.values, part);
            let title = format!("{name}, {count} of twelve values (s)");
            table.add(Row::figure(title, values));
            table.add(Row::figure(format!("{name}, ratio to these"), tags / values));
            let title = format!("{name}, ratio to the floor");
            table.add(match bound {
                Some(bound) => Row::at_most(title, tags / floor, bound),
                None => Row::figure(title, tags / floor),
            });
        }
        let push = median(&self.push);
        let together = push + middle(&self.floor, |walks| walks.apply);
        let tags = middle(&self.tags, |walks| walks.apply);
        table.add(Row::figure(format!("one git push of {count} tags (s)"), push));
        table.add(Row::at_most(
            "apply, ratio to that push and the floor's apply",
            tags / together,
            2.0,
        ));
    }
}

/// The last round in one line.
impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut side = |name: &str, walks: Option<&Walks>| match walks {
            Some(Walks { plan, apply, again }) => {
                write!(f, "{name} plan {plan:.2}, apply {apply:.2}, no-op plan {again:.2}; ")
            }
            None => Ok(()),
        };
        side("tags", self.tags.last())?;
        side("floor", self.floor.last())?;
        side("of twelve values", self.values.last())?;
        write!(f, "push {:.2} s", self.push.last().copied().unwrap_or_default())
    }
}
