//! Stacks as a target, where no local AWS can be made to show what happens: lost answers, refusals in between,
//! and somebody else who is faster.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pipeline_aws::Connection;
use pipeline_aws::cloudformation::Template;
use pipeline_aws::stacks::{StackSettings, StacksTarget, StacksTrace};
use pipeline_core::deployment::Rollout;
use pipeline_core::rollout::{Grant, Order, Permit, Restored, Rolled, Target as _};
use tokio::time::Instant;

use crate::server::{Ask, Reply, Server};

const ID: &str = "arn:aws:cloudformation:eu-west-1:123456789012:stack/App/1";

/// A stack that is there, as far as a change of it goes. Each change that is asked for comes to its end at once.
#[derive(Default)]
struct Fake {
    /// Tokens of the operations, oldest first; each was an update.
    operations: Vec<String>,
    /// The change sets that were made, and whether each was executed.
    change_sets: BTreeMap<String, bool>,
    calls: Vec<String>,
    /// After how many looks at its events the newest operation is over.
    goes_on: usize,
}

/// What goes wrong, by call and how often it was made before.
type Fault = fn(&str, usize) -> Option<Wrong>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrong {
    /// It is carried out, and the answer says that it was not.
    LostReply,
    /// The credentials do not allow it.
    Denied,
    /// Somebody else changes the stack first.
    Overtaken,
}

fn form(ask: &Ask) -> BTreeMap<String, String> {
    let pairs = ask.body.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.replace("%3A", ":"))).collect()
}

impl Fake {
    fn answer(&mut self, ask: &Ask, fault: Fault) -> Reply {
        let form = form(ask);
        let text = |name: &str| form.get(name).cloned().unwrap_or_default();
        let call = text("Action");
        let before = self.calls.iter().filter(|it| **it == call).count();
        self.calls.push(call.clone());
        let wrong = fault(&call, before);
        if wrong == Some(Wrong::Denied) {
            return refused("AccessDenied", "ci is not allowed");
        }
        if wrong == Some(Wrong::Overtaken) {
            self.operations.push("somebody".to_owned());
        }
        let reply = self.carry_out(&call, &text("ChangeSetName"));
        if wrong == Some(Wrong::LostReply) {
            return Reply { status: 500, ..Reply::ok("") };
        }
        reply
    }

    fn carry_out(&mut self, call: &str, name: &str) -> Reply {
        let result = match call {
            "DescribeStacks" => {
                stack(if self.goes_on > 0 { "UPDATE_IN_PROGRESS" } else { "UPDATE_COMPLETE" })
            }
            "GetTemplate" => "<TemplateBody>{\"Resources\": {}}</TemplateBody>".to_owned(),
            "GetTemplateSummary" => String::new(),
            "CreateChangeSet" => {
                self.change_sets.insert(name.to_owned(), false);
                String::new()
            }
            "DescribeChangeSet" => {
                let Some(executed) = self.change_sets.get(name) else {
                    return refused("ChangeSetNotFound", "there is none");
                };
                let execution = if *executed { "EXECUTE_COMPLETE" } else { "AVAILABLE" };
                format!(
                    "<Status>CREATE_COMPLETE</Status><ExecutionStatus>{execution}</ExecutionStatus>"
                )
            }
            "ExecuteChangeSet" => {
                if self.change_sets.insert(name.to_owned(), true) == Some(true) {
                    return refused("InvalidChangeSetStatus", "it is executed");
                }
                self.operations.push(name.to_owned());
                String::new()
            }
            "DescribeStackEvents" => {
                self.goes_on = self.goes_on.saturating_sub(1);
                self.events()
            }
            "DeleteChangeSet" => {
                self.change_sets.remove(name);
                String::new()
            }
            other => return refused("InvalidAction", other),
        };
        Reply::ok(format!("<{call}Response><{call}Result>{result}</{call}Result></{call}Response>"))
    }

    fn events(&self) -> String {
        let event = |(number, token): (usize, &String), status: &str| {
            format!(
                "<member><StackId>{ID}</StackId><EventId>{number}-{status}</EventId><StackName>App</StackName>\
                 <LogicalResourceId>App</LogicalResourceId><PhysicalResourceId>{ID}</PhysicalResourceId>\
                 <ResourceType>AWS::CloudFormation::Stack</ResourceType><ResourceStatus>{status}</ResourceStatus>\
                 <Timestamp>2026-01-01T00:00:{number:02}Z</Timestamp>\
                 <ClientRequestToken>{token}</ClientRequestToken></member>"
            )
        };
        let both = |it| [event(it, "UPDATE_COMPLETE"), event(it, "UPDATE_IN_PROGRESS")].concat();
        let mut operations = self.operations.iter().enumerate().rev();
        let newest = operations.next().map(|it| match self.goes_on {
            0 => both(it),
            _ => event(it, "UPDATE_IN_PROGRESS"),
        });
        let events: String = newest.into_iter().chain(operations.map(both)).collect();
        format!("<StackEvents>{events}</StackEvents>")
    }
}

fn stack(status: &str) -> String {
    format!(
        "<Stacks><member><StackId>{ID}</StackId><StackName>App</StackName>\
         <StackStatus>{status}</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime>\
         <Parameters><member><ParameterKey>Size</ParameterKey><ParameterValue>1</ParameterValue></member>\
         </Parameters></member></Stacks>"
    )
}

fn refused(code: &str, said: &str) -> Reply {
    let body = format!(
        "<ErrorResponse><Error><Code>{code}</Code><Message>{said}</Message></Error></ErrorResponse>"
    );
    Reply { status: 400, ..Reply::ok(body) }
}

struct Play {
    fake: Arc<Mutex<Fake>>,
    server: Server,
}

impl Play {
    fn new(fault: Fault) -> Self {
        let fake: Arc<Mutex<Fake>> = Arc::default();
        let shared = Arc::clone(&fake);
        let server = Server::start(move |ask| shared.lock().unwrap().answer(ask, fault));
        Self { fake, server }
    }

    fn target(&self) -> StacksTarget<'static> {
        self.target_with(None)
    }

    fn target_with(&self, tags: Option<BTreeMap<String, String>>) -> StacksTarget<'static> {
        let settings = StackSettings {
            name: "App".parse().unwrap(),
            template: Template::Body("{\"Resources\": {}}".to_owned()),
            parameters: BTreeMap::from([("Size".to_owned(), "2".to_owned())]),
            secret_parameters: BTreeMap::new(),
            capabilities: Vec::new(),
            tags,
            protect: Vec::new(),
            timeout: Duration::from_secs(3600),
            poll_interval: Duration::from_millis(10),
        };
        StacksTarget::new(Arc::new(Connection::local(&self.server.url)), vec![settings], &|_| {})
    }

    /// The stack as an operation with this token leaves it, which is over after so many looks.
    fn after(self, token: &str, looks: usize) -> Self {
        {
            let mut fake = self.fake.lock().unwrap();
            fake.operations.push(token.to_owned());
            fake.goes_on = looks;
        }
        self
    }

    fn called(&self, call: &str) -> usize {
        self.fake.lock().unwrap().calls.iter().filter(|it| *it == call).count()
    }
}

fn order() -> Order {
    Order {
        deployment_id: "deploy-20260101-000000-abc123".parse().unwrap(),
        version: "api/v1.1.0".parse().unwrap(),
        commit_sha: "0123456789abcdef0123456789abcdef01234567".parse().unwrap(),
        environment: "staging".parse().unwrap(),
        region: None,
        reason: None,
        previous_version: None,
        previous_commit: None,
        last_good: None,
        last_good_version: None,
        failed: Arc::default(),
    }
}

fn permit() -> (Grant, Permit) {
    Grant::new(Instant::now(), Duration::from_secs(3600))
}

async fn rolled(play: &Play) -> (Rolled, Option<StacksTrace>) {
    rolled_by(play, &order()).await
}

async fn rolled_by(play: &Play, order: &Order) -> (Rolled, Option<StacksTrace>) {
    let ((_grant, permit), mut trace) = (permit(), None);
    let rolled = play.target().roll_out(order, &permit, &mut trace).await;
    (rolled, trace)
}

/// A deployment that is over without success.
const DEAD: &str = "deploy-20251231-235959-dead00";

/// What comes after it.
fn successor() -> Order {
    Order { failed: Arc::new([DEAD.parse().unwrap()].into()), ..order() }
}

fn begun(trace: &StacksTrace) -> bool {
    Rollout::from(trace.clone()).was_begun()
}

#[tokio::test]
async fn a_lost_answer_executes_nothing_twice() {
    let play = Play::new(|call, before| {
        (call == "ExecuteChangeSet" && before == 0).then_some(Wrong::LostReply)
    });
    let (end, trace) = rolled(&play).await;
    assert_eq!(end, Rolled::Out);
    assert!(begun(&trace.unwrap()));
    assert_eq!(play.fake.lock().unwrap().operations.len(), 1);
}

#[tokio::test]
async fn a_refused_execution_changes_nothing_and_leaves_nothing() {
    let play = Play::new(|call, _| (call == "ExecuteChangeSet").then_some(Wrong::Denied));
    let (end, trace) = rolled(&play).await;
    let Rolled::Untouched { reason } = end else { panic!("{end:?}") };
    assert!(reason.to_string().contains("ci is not allowed"), "{reason}");
    assert!(!begun(&trace.unwrap()));
    assert!(play.fake.lock().unwrap().change_sets.is_empty(), "the change set is deleted");
}

#[tokio::test]
async fn without_the_environment_nothing_is_changed() {
    let play = Play::new(|_, _| None);
    let ((grant, permit), mut trace) = (permit(), None);
    grant.revoke(Instant::now());
    let end = play.target().roll_out(&order(), &permit, &mut trace).await;
    assert!(matches!(end, Rolled::Untouched { .. }), "{end:?}");
    assert_eq!((play.called("CreateChangeSet"), play.called("ExecuteChangeSet")), (0, 0));
}

#[tokio::test]
async fn what_is_put_back_is_what_was_there() {
    let play = Play::new(|_, _| None);
    let (end, mut trace) = rolled(&play).await;
    assert_eq!(end, Rolled::Out);
    let (_grant, permit) = permit();
    assert_eq!(play.target().confirm(&order(), &trace).await, Rolled::Out);
    let back = play.target().restore(&order(), &permit, &mut trace).await;
    assert_eq!(back, Restored::Done);
    assert!(Rollout::from(trace.unwrap()).was_put_back());
    let asked = play.server.asked();
    let made: Vec<&Ask> = asked.iter().filter(|it| it.body.contains("=CreateChangeSet")).collect();
    assert!(made[0].body.contains("ParameterValue=2") && made[1].body.contains("ParameterValue=1"));
}

#[tokio::test]
async fn what_somebody_else_made_of_it_meanwhile_stays() {
    // After our own operation, before it is asked for once more.
    let play = Play::new(|call, before| {
        (call == "DescribeStackEvents" && before == 2).then_some(Wrong::Overtaken)
    });
    let (end, mut trace) = rolled(&play).await;
    assert_eq!(end, Rolled::Out);
    let confirmed = play.target().confirm(&order(), &trace).await;
    assert!(matches!(confirmed, Rolled::Replaced { .. }), "{confirmed:?}");
    let (_grant, permit) = permit();
    let back = play.target().restore(&order(), &permit, &mut trace).await;
    assert!(matches!(back, Restored::Replaced { .. }), "{back:?}");
    assert_eq!(play.called("ExecuteChangeSet"), 1, "theirs is not touched");
}

#[tokio::test]
async fn what_a_dead_holder_began_is_followed_to_its_end_first() {
    let play = Play::new(|_, _| None).after(&format!("pipeline-{DEAD}"), 4);
    let (end, trace) = rolled_by(&play, &successor()).await;
    assert_eq!(end, Rolled::Out);
    assert_eq!(play.fake.lock().unwrap().goes_on, 0);
    assert_eq!(play.called("ExecuteChangeSet"), 1);
    assert_eq!(play.target().confirm(&successor(), &trace).await, Rolled::Out);
}

#[tokio::test]
async fn what_somebody_else_is_at_is_not_waited_for() {
    for token in ["somebody", "pipeline-deploy-20251231-235959-other0"] {
        let play = Play::new(|_, _| None).after(token, 4);
        let (end, trace) = rolled_by(&play, &successor()).await;
        let Rolled::Untouched { reason } = end else { panic!("{end:?}") };
        assert!(reason.to_string().contains("somebody else changes it"), "{reason}");
        assert!(!begun(&trace.unwrap()));
        assert_eq!((play.called("CreateChangeSet"), play.fake.lock().unwrap().goes_on), (0, 3));
    }
}

#[tokio::test]
async fn what_a_dead_holder_left_is_not_taken_for_what_ran() {
    for (token, is_left) in [(format!("pipeline-{DEAD}"), true), ("somebody".to_owned(), false)] {
        let play = Play::new(|_, _| None).after(&token, 0);
        let (end, mut trace) = rolled_by(&play, &successor()).await;
        assert_eq!(end, Rolled::Out);
        let (_grant, permit) = permit();
        let back = play.target().restore(&successor(), &permit, &mut trace).await;
        match (is_left, back) {
            (true, Restored::AsFound { reason }) => {
                assert!(reason.to_string().contains(DEAD), "{reason}");
            }
            (false, Restored::Done) => {}
            (_, other) => panic!("{token}: {other:?}"),
        }
        assert!(Rollout::from(trace.unwrap()).was_put_back(), "{token}");
    }
}

#[tokio::test]
async fn tags_that_are_not_given_stay_and_an_empty_map_takes_them_away() {
    let one = BTreeMap::from([("team".to_owned(), "web".to_owned())]);
    for (tags, sent) in [
        (None, None),
        (Some(BTreeMap::new()), Some("Tags=")),
        (Some(one), Some("Tags.member.1.Key=team")),
    ] {
        let play = Play::new(|_, _| None);
        let ((_grant, permit), mut trace) = (permit(), None);
        let target = play.target_with(tags);
        assert_eq!(target.roll_out(&order(), &permit, &mut trace).await, Rolled::Out);
        let asked = play.server.asked();
        let made = asked.iter().find(|it| it.body.contains("=CreateChangeSet")).unwrap();
        let found = made.body.split('&').find(|it| it.starts_with("Tags"));
        assert_eq!(found, sent, "{}", made.body);
    }
}
