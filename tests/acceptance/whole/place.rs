//! Where a cell deploys to: commands that write a file, a service of an ECS that does as it is told, or a stack of the
//! local AWS. Each says what it runs, and can be made to fail, to hang, or to be somebody else's.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::aws::{Account, LocalAws};
use pipeline_acceptance::ecs::{Act, Course, Ecs, Script};
use pipeline_acceptance::process::wait_until;
use pipeline_acceptance::scene::Scene;
use serde_json::{Value as Json, json};

use super::{Fate, Step};

/// A kind of target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Command,
    Ecs,
    Stacks,
}

/// A target.
#[derive(Debug)]
pub(super) enum Place {
    Command,
    Ecs(Ecs),
    Stacks(Account),
}

/// What runs at a target, where nobody but the deployments changes it.
pub(super) const THEIRS: &str = "theirs";

/// How long what never ends by itself may take. What ends does so in moments.
const SHORT: &str = "5s";

const LONG: &str = "1h";

impl Place {
    pub(super) fn new(kind: Kind, step: Step, fate: Fate) -> Outcome<Self> {
        Ok(match kind {
            Kind::Command => Self::Command,
            Kind::Stacks => Self::Stacks(LocalAws::fresh_account()?),
            Kind::Ecs => {
                let course = match (step, fate) {
                    (Step::Target, Fate::Failure) => Course::CrashLoop,
                    (Step::Target, _) => Course::Slow(1_000_000),
                    _ => Course::Healthy,
                };
                let script = Script::new().breaker(false).course("web:1.1.0", course);
                Self::Ecs(Ecs::start(script)?)
            }
        })
    }

    /// Logs a workspace in, and gives the lines of its provider block.
    pub(super) fn settings(&self, scene: &mut Scene) -> String {
        match self {
            Self::Command => String::new(),
            Self::Stacks(account) => {
                account.log_in(&mut scene.workspace.environment);
                account.block("")
            }
            Self::Ecs(ecs) => {
                for (name, value) in [
                    ("AWS_ACCESS_KEY_ID", "AKIDTEST"),
                    ("AWS_SECRET_ACCESS_KEY", "secret"),
                    ("AWS_EC2_METADATA_DISABLED", "true"),
                ] {
                    scene.workspace.environment.set(name, value);
                }
                let url = &ecs.url;
                format!("  aws = {{ region = \"eu-west-1\", endpoint_url = \"{url}\" }}\n")
            }
        }
    }

    /// The block of a deployment of this version, such as `1.1.0`.
    pub(super) fn block(&self, version: &str, is_short: bool) -> String {
        let timeout = if is_short { SHORT } else { LONG };
        match self {
            Self::Command => format!(
                "  command = {{\n    deploy  = [\"sh\", \"run.sh\", \"deploy\"]\n    \
                 verify  = [\"sh\", \"run.sh\", \"verify\"]\n    \
                 restore = [\"sh\", \"run.sh\", \"restore\"]\n    timeout = \"{timeout}\"\n  }}\n"
            ),
            Self::Ecs(_) => format!(
                "  ecs = {{\n    cluster = \"main\"\n    service = \"web\"\n    container = \"app\"\n    \
                 image = \"web:{version}\"\n    poll_interval = \"50ms\"\n    timeout = \"{timeout}\"\n  }}\n"
            ),
            Self::Stacks(_) => format!(
                "  stacks = [{{\n    name = \"App\"\n    template = \"cdk.out/App-{version}.json\"\n    \
                 poll_interval = \"50ms\"\n    timeout = \"{timeout}\"\n  }}]\n"
            ),
        }
    }

    /// Writes what the version is made of.
    pub(super) fn prepare(&self, scene: &Scene, version: &str, way: Way) -> Outcome {
        let Self::Stacks(_) = self else { return Ok(()) };
        let mut template = queue(version);
        match way {
            Way::Well => {}
            Way::Fails => {
                template["Resources"]["Refused"] = json!({"Type": "AWS::SSM::Parameter", "DependsOn": "Queue",
                    "Properties": {"Type": "SecureString", "Name": "n", "Value": "v"}});
            }
            Way::Hangs => {
                template["Resources"]["Gate"] = json!({
                    "Type": "AWS::CloudFormation::WaitCondition",
                    "CreationPolicy": {"ResourceSignal": {"Timeout": "PT1H"}},
                });
                template["Resources"]["Last"] =
                    json!({"Type": "AWS::SNS::Topic", "DependsOn": "Gate"});
            }
        }
        scene.repository.write(&format!("cdk.out/App-{version}.json"), &template.to_string())
    }

    /// Waits until the target is brought to a version that hangs.
    pub(super) fn hangs(&self, scene: &Scene) -> Outcome {
        match self {
            Self::Command => wait_until("the deploy command runs", || {
                diary(scene).iter().any(|line| line.starts_with("deploy-1.1.0 "))
            }),
            Self::Ecs(ecs) => wait_until("the service is asked", || {
                let runs = ecs.world().runs();
                runs.as_deref() == Some("web:1.1.0")
            }),
            Self::Stacks(account) => wait_until("the stack is updated", || {
                account
                    .stack_status("App")
                    .is_ok_and(|it| it.as_deref() == Some("UPDATE_IN_PROGRESS"))
            }),
        }
    }

    /// Lets what hangs go on.
    pub(super) fn let_go(&self) -> Outcome {
        let Self::Stacks(account) = self else { return Ok(()) };
        let form = [
            ("StackName", "App"),
            ("LogicalResourceId", "Gate"),
            ("UniqueId", "1"),
            ("Status", "SUCCESS"),
        ];
        let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
        account.cloudformation("SignalResource", &form).map(drop)
    }

    /// Somebody else changes what runs.
    pub(super) fn taken_over(&self, scene: &Scene) -> Outcome {
        match self {
            Self::Command => scene.repository.write("runs", THEIRS),
            Self::Ecs(ecs) => {
                ecs.world().act(&Act::SomebodyDeploys("web:theirs"));
                Ok(())
            }
            Self::Stacks(account) => account.update_stack("App", &queue(THEIRS)).map(drop),
        }
    }

    /// The version that runs, such as `1.1.0`.
    pub(super) fn runs(&self, scene: &Scene) -> Outcome<String> {
        match self {
            Self::Command => {
                let text = std::fs::read_to_string(scene.repository.directory.join("runs"))?;
                Ok(text.trim().trim_start_matches("api/v").to_owned())
            }
            Self::Ecs(ecs) => {
                let runs = ecs.world().runs().unwrap_or_default();
                Ok(runs.trim_start_matches("web:").to_owned())
            }
            Self::Stacks(account) => {
                let outputs = account.stack_outputs("App")?;
                let version = outputs.into_iter().find(|(key, _)| key == "Version");
                Ok(version.ok_or("the stack has no version")?.1)
            }
        }
    }
}

/// How the change to a version goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Well,
    Fails,
    Hangs,
}

/// What commands wrote, line by line.
pub(super) fn diary(scene: &Scene) -> Vec<String> {
    let path = scene.repository.directory.join("diary");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// A queue whose stack says which version it is of.
fn queue(version: &str) -> Json {
    let seconds: usize = version.bytes().map(usize::from).sum();
    json!({
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": seconds}}},
        "Outputs": {"Version": {"Value": version}},
    })
}
