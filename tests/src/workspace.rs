//! A directory of Terraform configuration, and the commands a person runs in it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::command::{self, Said};
use crate::diagnostic::Run;
use crate::sandbox::Environment;
use crate::terraform::Terraform;
use crate::{Failure, Outcome, canary, provider};

/// One root module with its state, run by real Terraform with the provider under test.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// The program that runs it.
    pub terraform: Terraform,
    /// What the program sees of the machine.
    pub environment: Environment,
    /// Where the configuration and the state are.
    pub directory: PathBuf,
}

impl Workspace {
    /// A workspace in the folder `name` of `environment`.
    ///
    /// # Errors
    /// Terraform is not found, the provider does not build, or a file cannot be written.
    pub fn new(environment: &Environment, name: &str) -> Outcome<Self> {
        Self::with(environment, name, Terraform::find()?, &provider::binary()?)
    }

    /// A workspace that runs `terraform` with the provider at `binary`.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn with(
        environment: &Environment,
        name: &str,
        terraform: Terraform,
        binary: &Path,
    ) -> Outcome<Self> {
        let directory = environment.root().join(name);
        std::fs::create_dir_all(&directory)?;
        let mut environment = environment.clone();
        let configuration = override_provider(environment.root(), binary)?;
        environment.set("TF_CLI_CONFIG_FILE", configuration);
        environment.set("CHECKPOINT_DISABLE", "1");
        environment.set("TF_IN_AUTOMATION", "1");
        Ok(Self { terraform, environment, directory })
    }

    /// Writes the file that says which provider and which repository; `settings` are further lines
    /// of the provider block.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn configure(&self, repository: &str, settings: &str) -> Outcome {
        let source = provider::SOURCE;
        let repository = quote(repository);
        self.write(
            "provider.tf",
            &format!(
                "terraform {{\n  required_providers {{\n    pipeline = {{ source = \"{source}\" }}\n  }}\n}}\n\
                 provider \"pipeline\" {{\n  repository = {repository}\n{settings}\n}}\n"
            ),
        )
    }

    /// Writes one file of the configuration.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, name: &str, text: &str) -> Outcome {
        Ok(std::fs::write(self.directory.join(name), text)?)
    }

    /// Writes `main.tf`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn main(&self, text: &str) -> Outcome {
        self.write("main.tf", text)
    }

    /// Writes `main.tf`, then applies it and sees that a second plan changes nothing.
    ///
    /// # Errors
    /// The apply fails or the plan after it is not empty.
    pub fn settle(&self, text: &str) -> Outcome<Run> {
        self.main(text)?;
        let run = self.apply(&[])?.ok()?;
        self.plan(&[])?.unchanged()?;
        Ok(run)
    }

    /// `terraform validate`, whose errors a run holds like those of any other command.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn validate(&self) -> Outcome<Run> {
        let mut said = self.run("validate", &["-json"])?;
        let answer: Value = serde_json::from_str(&said.stdout)?;
        said.stdout.clear();
        for diagnostic in answer["diagnostics"].as_array().into_iter().flatten() {
            // Writing to a string cannot fail.
            let _ = writeln!(said.stdout, "{{\"diagnostic\":{diagnostic}}}");
        }
        Ok(Run::read(said))
    }

    /// `terraform plan` with further `arguments`.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn plan(&self, arguments: &[&str]) -> Outcome<Run> {
        let fixed = ["-json", "-input=false", "-detailed-exitcode"];
        Ok(Run::read(self.run("plan", &[&fixed, arguments].concat())?))
    }

    /// `terraform apply` with further `arguments`, such as the name of a saved plan.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn apply(&self, arguments: &[&str]) -> Outcome<Run> {
        let fixed = ["-json", "-input=false", "-auto-approve"];
        Ok(Run::read(self.run("apply", &[&fixed, arguments].concat())?))
    }

    /// `terraform destroy`.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn destroy(&self) -> Outcome<Run> {
        self.apply(&["-destroy"])
    }

    /// `terraform query` with further `arguments`: what its `list` blocks find, and what it says.
    ///
    /// # Errors
    /// The program cannot be started, or its output is not what it prints with `-json`.
    pub fn query(&self, arguments: &[&str]) -> Outcome<(Run, Vec<Value>)> {
        let said = self.run("query", &[&["-json"], arguments].concat())?;
        let lines =
            said.stdout.lines().map(serde_json::from_str).collect::<Result<Vec<Value>, _>>()?;
        let found = lines.into_iter().filter_map(|mut line| {
            let found = line["list_resource_found"].take();
            (!found.is_null()).then_some(found)
        });
        let found = found.collect();
        Ok((Run::read(said), found))
    }

    /// `terraform import`, whose output is for people only.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn import(&self, address: &str, id: &str) -> Outcome<Said> {
        self.run("import", &["-input=false", "-no-color", address, id])
    }

    /// Starts an apply and does not wait for it.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn start_apply(&self) -> Outcome<Child> {
        let mut command = self.command("apply", &["-json", "-input=false", "-auto-approve"]);
        Ok(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?)
    }

    /// Where this workspace's Terraform finds the provider; its processes carry this as first word.
    #[must_use]
    pub fn provider(&self) -> PathBuf {
        self.environment.root().join("plugins").join(provider::BINARY)
    }

    /// The command `terraform name arguments…` in this workspace.
    #[must_use]
    pub fn command(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = self.environment.command(&self.terraform.program, &self.directory);
        command.arg(name).args(arguments).stdin(Stdio::null());
        command
    }

    /// Runs `terraform name arguments…`.
    ///
    /// # Errors
    /// The program cannot be started, or shows a secret that a test planted.
    pub fn run(&self, name: &str, arguments: &[&str]) -> Outcome<Said> {
        let said = command::run(&mut self.command(name, arguments))?;
        canary::check_said(&said)?;
        Ok(said)
    }

    /// The text of the state file.
    ///
    /// # Errors
    /// There is none.
    pub fn state_text(&self) -> Outcome<String> {
        Ok(std::fs::read_to_string(self.directory.join("terraform.tfstate"))?)
    }

    /// The attributes of one object in the state, by its address.
    ///
    /// # Errors
    /// The state has no such object.
    pub fn attributes(&self, address: &str) -> Outcome<Value> {
        Ok(self.instance(address)?["attributes"].take())
    }

    /// The identity of one object in the state, by its address; null where the release of Terraform keeps none.
    ///
    /// # Errors
    /// The state has no such object.
    pub fn identity(&self, address: &str) -> Outcome<Value> {
        Ok(self.instance(address)?["identity"].take())
    }

    fn instance(&self, address: &str) -> Outcome<Value> {
        let state: Value = serde_json::from_str(&self.state_text()?)?;
        let resources = state["resources"].as_array().into_iter().flatten();
        let instances = resources.flat_map(|resource| {
            let all = resource["instances"].as_array().into_iter().flatten();
            all.map(move |instance| (name(resource, instance), instance))
        });
        let mut found = instances.filter(|(name, _)| name == address);
        found
            .next()
            .map(|(_, instance)| instance.clone())
            .ok_or_else(|| Failure::new(format!("{address} is not in the state:\n{state:#}")))
    }

    /// One output value of the state.
    ///
    /// # Errors
    /// There is no such output.
    pub fn output(&self, name: &str) -> Outcome<Value> {
        let state: Value = serde_json::from_str(&self.state_text()?)?;
        let value = state.pointer(&format!("/outputs/{name}/value")).cloned();
        value.ok_or_else(|| Failure::new(format!("no output {name} in the state")))
    }

    /// Whether the state holds an object at `address`.
    #[must_use]
    pub fn holds(&self, address: &str) -> bool {
        self.attributes(address).is_ok()
    }
}

/// `text` as an HCL string.
#[must_use]
pub fn quote(text: &str) -> String {
    Value::from(text).to_string().replace("${", "$${").replace("%{", "%%{")
}

/// The address of an instance, such as `data.pipeline_version.this` or `pipeline_version_tag.t[0]`.
fn name(resource: &Value, instance: &Value) -> String {
    let text = |name: &str| resource[name].as_str().unwrap_or_default();
    let data = if resource["mode"] == "data" { "data." } else { "" };
    let key = instance.get("index_key").map(|key| format!("[{key}]")).unwrap_or_default();
    format!("{data}{}.{}{key}", text("type"), text("name"))
}

/// Writes a CLI configuration under `root` that takes the provider from a folder of its own there,
/// so that its processes can be told from those of other tests.
fn override_provider(root: &Path, binary: &Path) -> Outcome<PathBuf> {
    let plugins = root.join("plugins");
    let configuration = root.join("terraform.rc");
    std::fs::create_dir_all(&plugins)?;
    let link = plugins.join(provider::BINARY);
    if !link.exists() {
        std::os::unix::fs::symlink(binary, link)?;
    }
    let folder = quote(&plugins.to_string_lossy());
    let source = provider::SOURCE;
    let text = format!(
        "provider_installation {{\n  dev_overrides {{\n    \"{source}\" = {folder}\n  }}\n}}\n"
    );
    std::fs::write(&configuration, text)?;
    Ok(configuration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_what_hcl_would_interpolate() {
        assert_eq!(quote("a \"b\" ${c} %{d}"), r#""a \"b\" $${c} %%{d}""#);
    }

    #[test]
    fn names_instances_as_terraform_does() {
        let resource = serde_json::json!({"mode": "data", "type": "t", "name": "n"});
        assert_eq!(name(&resource, &serde_json::json!({"index_key": "k"})), "data.t.n[\"k\"]");
        assert_eq!(name(&resource, &serde_json::json!({})), "data.t.n");
    }
}
