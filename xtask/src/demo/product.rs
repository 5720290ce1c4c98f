//! The product of the demo: its history, its remote, and the settings of its Terraform.

use std::fs;

use pipeline_acceptance::Outcome;
use pipeline_acceptance::repository::Repository;

use super::place::Place;

/// Who approves; the person who deploys is named in the repository's git configuration.
const APPROVER: &str = "Grace Example";

/// Releases that Terraform makes, each with its commit.
const RELEASES: [(&str, &str); 4] = [
    ("api/v1.1.0", "main~2"),
    ("api/v1.2.0", "main"),
    ("web/v2.1.0", "main~1"),
    ("worker/v0.4.0", "main"),
];

/// Workflows that the report offers to start.
const WORKFLOWS: [&str; 2] = ["deployment", "rollback"];

/// The repository with its bare remote.
pub(crate) struct Product {
    /// What everybody shares.
    pub(crate) remote: Repository,
    /// When everything was approved: an approval is not older than its commit.
    approved_at: String,
}

impl Product {
    /// Makes the repository with a few commits and the releases of earlier times, and publishes it.
    pub(crate) fn make(place: &Place) -> Outcome<Self> {
        let repository = Repository::product(&place.environment, "product")?;
        for name in WORKFLOWS {
            let file = format!(".github/workflows/{name}.yml");
            repository.write(&file, "on: workflow_dispatch\n")?;
        }
        repository.commit("Let people deploy and roll back from GitHub")?;
        for tag in ["api/v1.0.0", "web/v2.0.0", "worker/v0.3.0"] {
            repository.tag(tag, "HEAD")?;
        }
        for (file, text, message) in [
            ("api/main.py", "print('api, faster')\n", "Make the API faster"),
            ("web/index.html", "<h1>web, brighter</h1>\n", "Brighten the web"),
            ("worker/main.py", "print('worker, calmer')\n", "Calm the worker"),
        ] {
            repository.write(file, text)?;
            repository.commit(message)?;
        }
        let remote = repository.publish("product.git")?;
        let approved_at = repository.git(&["log", "-1", "--format=%cI"])?;
        let product = Self { remote, approved_at: approved_at.trim().to_owned() };
        product.mistakes(place)?;
        Ok(product)
    }

    /// Writes `terraform.tfvars`: what to release, and what runs where.
    pub(crate) fn settings(&self, place: &Place, staging: &str, production: &str) -> Outcome {
        let text = format!(
            "repository = \"../product\"\n\n{}\n\nstaging    = \"{staging}\"\n\
             production = \"{production}\"\n\n{}",
            releases("main~2"),
            self.approval(APPROVER, production)
        );
        Ok(fs::write(place.workspace().join("terraform.tfvars"), text)?)
    }

    /// Writes the settings that rules refuse.
    fn mistakes(&self, place: &Place) -> Outcome {
        let folder = place.workspace().join("mistakes");
        fs::create_dir_all(&folder)?;
        let moved = format!("# api/v1.1.0 on another commit (TAG009).\n{}\n", releases("main"));
        fs::write(folder.join("moved-release.tfvars"), moved)?;
        let own = format!(
            "# Approved by the person who deploys (DEP012).\nproduction = \"api/v1.2.0\"\n\n{}",
            self.approval("Ada Example", "api/v1.2.0")
        );
        Ok(fs::write(folder.join("self-approved.tfvars"), own)?)
    }

    /// An approval is of one version: another version wants another one.
    fn approval(&self, person: &str, version: &str) -> String {
        let change = if version == "api/v1.0.0" { "1042" } else { "1043" };
        let at = &self.approved_at;
        format!(
            "approval = {{\n  approved_by = \"{person}\"\n  approved_at = \"{at}\"\n  \
             reference   = \"CHG-{change}\"\n}}\n"
        )
    }
}

/// The variable `releases`, with the first of them on `first`.
fn releases(first: &str) -> String {
    let line = |(number, (tag, commit)): (usize, &(&str, &str))| {
        let commit = if number == 0 { first } else { commit };
        format!("  {:<15} = \"{commit}\"\n", format!("\"{tag}\""))
    };
    let lines: String = RELEASES.iter().enumerate().map(line).collect();
    format!("releases = {{\n{lines}}}")
}
