//! Plan, apply and second plan of many objects: version tags with a remote, and the floor, the same
//! number of Terraform's built-in `terraform_data`.

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

/// Times of every round so far.
#[derive(Debug, Default)]
pub(crate) struct Times {
    tags: Vec<Walks>,
    floor: Vec<Walks>,
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
    let sides = [true, false];
    let mut times = Times::default();
    for tags in if number.is_multiple_of(2) { sides } else { [false, true] } {
        let walks = walk(many, count, tags, terraform, provider)?;
        if tags { &mut times.tags } else { &mut times.floor }.push(walks);
    }
    times.push.push(git::push(count)?.as_secs_f64());
    Ok(times)
}

fn walk(
    many: Many,
    count: usize,
    tags: bool,
    terraform: &Terraform,
    provider: &Path,
) -> Outcome<Walks> {
    let sandbox = Sandbox::temporary()?;
    let environment = &sandbox.environment;
    let workspace = Workspace::with(environment, "terraform", terraform.clone(), provider)?;
    let name = |index: &str| format!("p${{{index} % 40}}/v1.${{{index}}}.0");
    let names = format!(
        "locals {{\n  names = toset([for index in range({count}) : \"{}\"])\n}}\n",
        name("index")
    );
    let (locals, by, name) = match many {
        Many::Count => (String::new(), format!("count = {count}"), name("count.index")),
        Many::ForEach => (names, "for_each = local.names".to_owned(), "${each.key}".to_owned()),
    };
    if tags {
        let repository = Repository::product(environment, "product")?;
        repository.publish("remote.git")?;
        workspace.configure(&repository.path(), "")?;
        workspace.main(&format!(
            "{locals}resource \"pipeline_version_tag\" \"many\" {{\n  {by}\n  \
             tag_name = \"{name}\"\n  ref = \"HEAD\"\n}}\n"
        ))?;
    } else {
        workspace.main(&format!(
            "{locals}resource \"terraform_data\" \"many\" {{\n  {by}\n  input = \"{name}\"\n}}\n"
        ))?;
    }
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

impl Times {
    /// Adds the times of another round.
    pub(crate) fn extend(&mut self, other: Self) {
        self.tags.extend(other.tags);
        self.floor.extend(other.floor);
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
        write!(f, "push {:.2} s", self.push.last().copied().unwrap_or_default())
    }
}
