//! The part of the demo on a local AWS: a version rolled out to a service, one that fails and is put back,
//! and what is on record then.

use std::fs;

use pipeline_acceptance::Outcome;
use pipeline_acceptance::aws::{Account, LocalAws, Service};
use pipeline_acceptance::health::{Health, HealthServer};
use pipeline_acceptance::workspace::quote;

use super::place::Place;
use super::product::Product;
use super::runner::Runner;
use crate::screen;

/// The folder of the configuration.
const FOLDER: &str = "ecs";

const CLUSTER: &str = "demo";
const SERVICE: &str = "web";

/// A local AWS with one service.
pub(super) struct Cloud {
    account: Account,
}

impl Cloud {
    /// Starts the local AWS with a service that was set up by hand, and lets Terraform log in to it.
    pub(super) fn start(place: &mut Place) -> Outcome<Self> {
        let account = LocalAws::fresh_account()?;
        account.log_in(&mut place.environment);
        let (cluster, name, container, image) = (CLUSTER, SERVICE, "app", "example/web:1.9.0");
        account.service(Service { cluster, name, container, image })?;
        screen::good(&format!(
            "a local AWS with the ECS service {name} in cluster {cluster}, which runs {image}"
        ));
        Ok(Self { account })
    }

    /// Rolls a version out, then one that fails, and shows the history.
    pub(super) fn play(&self, place: &Place, product: &Product) -> Outcome {
        place.example("ecs", FOLDER)?;
        let settings = format!(
            "repository   = \"../product\"\naws_endpoint = {}\nweb          = \"web/v2.0.0\"\n",
            quote(self.account.endpoint())
        );
        fs::write(place.folder(FOLDER).join("terraform.tfvars"), settings)?;
        let runner = Runner { place, folder: FOLDER };
        self.roll_out(runner)?;
        self.fail(runner, product)?;
        Self::stay_away(runner)?;
        Self::history(runner)
    }

    fn roll_out(&self, runner: Runner<'_>) -> Outcome {
        screen::step("Deploy web v2.0.0 to the ECS service: a new revision, followed to its end");
        runner.terraform(&["init"], |line| line.starts_with("- Install"))?;
        runner.plan_and_apply()?;
        self.runs("example/web:2.0.0")
    }

    fn fail(&self, runner: Runner<'_>, product: &Product) -> Outcome {
        screen::step("Deploy web v2.1.0, which is not well: the service is put back by itself");
        let sick = HealthServer::start(Health::Status(503))?;
        let url = format!("-var=health_url={}", sick.url);
        let before = product.remote.resolve("web/staging")?;
        runner.refused(&["apply", "-auto-approve", "-var=web=web/v2.1.0", &url], "503")?;
        if product.remote.resolve("web/staging")? != before {
            return Err("the environment tag moved although the deployment failed".into());
        }
        self.runs("example/web:2.0.0")?;
        screen::good("the tag web/staging did not move, and the record says what runs again");
        Ok(())
    }

    fn stay_away(runner: Runner<'_>) -> Outcome {
        screen::step("Plan web v2.1.0 once more: what was taken back stays away (OWN040)");
        runner.refused(&["plan", "-var=web=web/v2.1.0"], "OWN040")
    }

    fn history(runner: Runner<'_>) -> Outcome {
        screen::step("The history, and what to go back to, as Terraform reads them");
        runner.terraform(&["apply", "-refresh-only", "-auto-approve"], |_| false)?;
        runner.terraform(&["output"], |_| true)
    }

    /// Says which image the service runs, and fails unless it is this one.
    fn runs(&self, image: &str) -> Outcome {
        let found = self.account.image(CLUSTER, SERVICE)?;
        if found != image {
            return Err(format!("the service runs {found}, not {image}").into());
        }
        screen::good(&format!("the service runs {image}"));
        Ok(())
    }
}
