//! The demo: a small real product with a remote, and Terraform that releases, deploys, promotes and
//! refuses in it. Everything stays in one directory that the person can go on using.

mod cloud;
mod place;
mod product;
mod report;
mod runner;

use std::path::Path;

use pipeline_acceptance::Outcome;
use pipeline_acceptance::health::{Health, HealthServer};
use pipeline_acceptance::repository::same_refs;
use serde_json::Value;

use self::place::Place;
use self::product::Product;
use self::runner::Runner;
use crate::cargo::{Profile, build_provider};
use crate::{cargo, screen, terraform};

/// Plays the demo in `directory`.
pub(crate) fn run(directory: &Path) -> Outcome {
    screen::step("Build the provider");
    let provider = build_provider(Profile::Dev)?;
    let terraform = terraform::locate()?;
    screen::good(&format!("{} runs it", terraform.title));

    screen::step(
        "Set up a small product: a git repository, its remote, and the quickstart example",
    );
    let mut place = Place::fresh(&cargo::root().join(directory), terraform, &provider)?;
    let product = Product::make(&place)?;
    screen::good(
        "projects api, web and worker; staging and production with SOPS-encrypted secrets",
    );
    let cloud = cloud::Cloud::start(&mut place)?;
    let demo = Demo { place, product };
    demo.release()?;
    demo.promote()?;
    demo.refuse()?;
    demo.fail()?;
    cloud.play(&demo.place, &demo.product)?;
    report::play(&demo.place)?;
    demo.tell()
}

struct Demo {
    place: Place,
    product: Product,
}

impl Demo {
    fn release(&self) -> Outcome {
        screen::step("Release four versions, register both environments, deploy");
        self.product.settings(&self.place, "api/v1.1.0", "api/v1.0.0")?;
        self.runner().terraform(&["init"], |line| line.starts_with("- Install"))?;
        self.runner().plan_and_apply()
    }

    fn promote(&self) -> Outcome {
        screen::step(
            "Promote what staging runs to production: its version, and an approval for it",
        );
        self.product.settings(&self.place, "api/v1.1.0", "api/v1.1.0")?;
        self.runner().plan_and_apply()?;
        screen::step("Plan once more: nothing is left to do");
        self.runner().terraform(&["plan"], |line| line.starts_with("No changes"))
    }

    fn refuse(&self) -> Outcome {
        let mistakes = [
            ("moved-release", "Try to move a released version to another commit", "TAG009"),
            ("self-approved", "Try to approve one's own deployment to production", "DEP012"),
        ];
        for (file, title, rule) in mistakes {
            screen::step(&format!("{title}: the plan refuses ({rule})"));
            let before = self.product.remote.refs()?;
            let file = format!("-var-file=mistakes/{file}.tfvars");
            self.runner().refused(&["plan", &file], rule)?;
            same_refs(&before, &self.product.remote.refs()?)?;
            screen::good("nothing changed: every tag and every record is where it was");
        }
        Ok(())
    }

    fn fail(&self) -> Outcome {
        screen::step("Deploy a version whose health check fails: the environment stays as it was");
        let server = HealthServer::start(Health::Status(500))?;
        let url = format!("-var=health_url={}", server.url);
        let before = self.product.remote.resolve("api/staging")?;
        self.runner()
            .refused(&["apply", "-auto-approve", "-var=staging=api/v1.2.0", &url], "500")?;
        if self.product.remote.resolve("api/staging")? != before {
            return Err("the environment tag moved although the deployment failed".into());
        }
        screen::good("the failure is on record; the tag api/staging did not move");
        Ok(())
    }

    fn runner(&self) -> Runner<'_> {
        Runner { place: &self.place, folder: place::QUICKSTART }
    }

    fn tell(&self) -> Outcome {
        screen::step("What the remote holds now");
        let tags = self.product.remote.git(&[
            "for-each-ref",
            "--format=%(refname:short) %(*objectname:short) %(contents:subject)",
            "refs/tags",
        ])?;
        for tag in tags.lines() {
            let mut words = tag.splitn(3, ' ');
            let mut word = || words.next().unwrap_or_default();
            screen::line(&format!("    {:<20} {}  {}", word(), word(), word()));
        }
        let mut deployments: Vec<_> =
            self.product.remote.records("refs/ledger/deployments/")?.into_values().collect();
        deployments.sort_by_key(|record| text(record, "started_at"));
        screen::line("");
        for record in deployments {
            let line =
                ["started_at", "environment", "version", "status"].map(|name| text(&record, name));
            screen::line(&format!(
                "    {:<22}{:<12} {:<12} {}",
                line[0], line[1], line[2], line[3]
            ));
        }
        self.place.invite();
        Ok(())
    }
}

/// A member of a record as text; nested ones by what names them.
fn text(record: &Value, name: &str) -> String {
    let value = &record[name];
    let inner = ["full_version", "name"].iter().find_map(|name| value[name].as_str());
    inner.or(value.as_str()).unwrap_or_default().to_owned()
}
