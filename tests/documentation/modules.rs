//! The READMEs of the modules under `terraform/`: from the comment at the head of `main.tf`, the example, and what
//! variables and outputs say of themselves.
//!
//! This reads configuration as `terraform fmt` leaves it, which a test makes sure of, and no other: a block begins
//! and ends at the margin, its arguments are indented by two.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use pipeline_acceptance::{Failure, Outcome};

const HEAD: &str = "\
# Modules for platform teams

They need one block of the provider, in the configuration that calls them, and work with `for_each`. Each has an
example, and tests that `terraform test` runs on a mock and on a real repository.

```terraform
module \"api\" {
  source = \"git::https://git.example.com/platform/terraform-provider-pipeline.git//terraform/modules/service?ref=v0.1.0\"

  environment = \"staging\"
  path        = \"api\"
  release     = \"v1.4.0\"
}
```

`terraform init` fetches them; beside a development override of the provider it is `terraform get`.

| module | what it is for |
|---|---|
";

const TESTS: &str = "
## Tests

`terraform test` asks for nothing but Terraform or OpenTofu 1.8 and the provider. The tests in `tests/real` write tags
and records to the repository that they are given, where they stay; their heads say what has to be in it:

```shell
terraform test -test-directory=tests/real -var repository=/tmp/some-clone
```
";

/// A variable or an output.
struct Declared {
    name: String,
    arguments: BTreeMap<String, String>,
}

/// Every README, by its path below `root`.
pub(crate) fn pages(root: &Path) -> Outcome<BTreeMap<String, String>> {
    let folder = root.join("terraform/modules");
    let mut names: Vec<_> =
        std::fs::read_dir(&folder)?.flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    let (mut pages, mut overview) = (BTreeMap::new(), HEAD.to_owned());
    for name in names {
        let name = name.to_string_lossy().into_owned();
        let read = |file: &str| std::fs::read_to_string(folder.join(&name).join(file));
        let head = head(&read("main.tf")?);
        let purpose: Vec<_> = head.lines().take_while(|line| !line.is_empty()).collect();
        let purpose = purpose.join(" ");
        // Writing to a string cannot fail.
        let _ =
            writeln!(overview, "| [{name}](modules/{name}) | {} |", purpose.trim_end_matches('.'));
        let page = page(
            &name,
            &head,
            &read("examples/complete/main.tf")?,
            [&read("variables.tf")?, &read("outputs.tf")?],
        )?;
        pages.insert(format!("terraform/modules/{name}/README.md"), page);
    }
    pages.insert("terraform/README.md".to_owned(), overview);
    Ok(pages)
}

fn page(name: &str, head: &str, example: &str, [variables, outputs]: [&str; 2]) -> Outcome<String> {
    let mut text =
        format!("# Module `{name}`\n\n{head}\n## Example\n\n```terraform\n{example}```\n");
    let variables = declared(variables, "variable")?;
    let (optional, required): (Vec<_>, Vec<_>) =
        variables.iter().partition(|variable| variable.arguments.contains_key("default"));
    for (title, variables) in [("Required", required), ("Optional", optional)] {
        if !variables.is_empty() {
            text += &format!("\n## {title} variables\n\n");
        }
        for variable in variables {
            let default = variable.arguments.get("default").filter(|default| *default != "null");
            let default =
                default.map(|default| format!(" Default: `{default}`.")).unwrap_or_default();
            text += &format!(
                "- `{}` (`{}`) {}{default}\n",
                variable.name,
                variable.get("type")?,
                variable.description()?
            );
        }
    }
    text += "\n## Outputs\n\n";
    for output in declared(outputs, "output")? {
        text += &format!("- `{}` {}\n", output.name, output.description()?);
    }
    Ok(text + TESTS)
}

/// The comment at the head of a file, without its marks.
fn head(text: &str) -> String {
    let lines = text.lines().map_while(|line| line.strip_prefix('#'));
    lines.map(|line| format!("{}\n", line.trim())).collect()
}

/// The blocks of one kind.
fn declared(text: &str, kind: &str) -> Outcome<Vec<Declared>> {
    let opening = format!("{kind} \"");
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(name) = line.strip_prefix(&opening).and_then(|rest| rest.strip_suffix("\" {"))
        else {
            return Err(Failure::new(format!("no {kind} begins like this: {line}")));
        };
        let body: Vec<_> = lines.by_ref().take_while(|line| *line != "}").collect();
        found.push(Declared { name: name.to_owned(), arguments: arguments(&body) });
        // Blocks stand apart.
        lines.next();
    }
    Ok(found)
}

/// The arguments of a block, without those of blocks inside it.
fn arguments(body: &[&str]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut last: Option<String> = None;
    for line in body {
        let inner = line.strip_prefix("  ").unwrap_or_default();
        let begins = !inner.starts_with([' ', '}', ')', ']']);
        if begins {
            last = inner.split_once('=').map(|(name, value)| {
                let name = name.trim().to_owned();
                found.insert(name.clone(), value.trim().to_owned());
                name
            });
        } else if let Some(value) = last.as_ref().and_then(|name| found.get_mut(name)) {
            continue_value(value, inner.trim());
        }
    }
    found
}

/// Puts another line of a value behind it, as if all were written on one.
fn continue_value(value: &mut String, line: &str) {
    let opened = value.ends_with(['{', '[', '(']);
    let closes = line.starts_with(['}', ']', ')']);
    value.push_str(if opened || closes { " " } else { ", " });
    // Lines of an object are aligned.
    value.push_str(&line.split_whitespace().collect::<Vec<_>>().join(" "));
}

impl Declared {
    fn get(&self, argument: &str) -> Outcome<&str> {
        let found = self.arguments.get(argument).map(String::as_str);
        found.ok_or_else(|| Failure::new(format!("`{}` has no {argument}", self.name)))
    }

    fn description(&self) -> Outcome<String> {
        let quoted = self.get("description")?;
        let inner =
            quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(quoted);
        let text = inner.replace("\\\"", "\"");
        if text.is_empty() || !text.ends_with('.') {
            return Err(Failure::new(format!(
                "`{}` is not described by a sentence: {text}",
                self.name
            )));
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VARIABLES: &str = "\
variable \"name\" {
  description = \"Name, such as `a \\\"b\\\"`.\"
  type        = string

  validation {
    condition     = true
    error_message = \"No.\"
  }
}

variable \"check\" {
  description = \"Check.\"
  type = map(object({
    url   = string
    tries = optional(number)
  }))
  default  = {}
  nullable = false
}
";

    #[test]
    fn reads_variables() -> Outcome {
        let found = declared(VARIABLES, "variable")?;
        assert_eq!(found[0].description()?, "Name, such as `a \"b\"`.");
        assert!(!found[0].arguments.contains_key("condition"));
        assert_eq!(
            found[1].get("type")?,
            "map(object({ url = string, tries = optional(number) }))"
        );
        assert_eq!(found[1].get("default")?, "{}");
        Ok(())
    }

    #[test]
    fn refuses_what_nobody_described() -> Outcome {
        let found = declared("output \"a\" {\n  value = 1\n}\n", "output")?;
        assert!(found[0].description().is_err());
        assert!(declared("locals {\n}\n", "output").is_err());
        Ok(())
    }
}
