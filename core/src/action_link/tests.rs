//! Links of every workflow, and what is refused.

use proptest::prelude::*;

use super::*;
use crate::base::violation::Violations;

fn shop() -> GithubRepository {
    "example/shop".parse().unwrap()
}

fn inputs(pairs: &[(&str, &str)]) -> Inputs {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn start(workflow: Workflow, pairs: &[(&str, &str)]) -> Result<ActionLink, Violations> {
    ActionLink::start(shop(), workflow, inputs(pairs), "Start the workflow")
}

fn parts(label: &str, url: &str, category: &str) -> ActionLinkParts {
    let (label, url, category) = (label.to_owned(), url.to_owned(), category.to_owned());
    ActionLinkParts { label, url, category, ..ActionLinkParts::default() }
}

const RELEASE: &str =
    "https://github.com/example/shop/actions/workflows/release.yml?inputs=version:v1.2.3";

#[test]
fn a_link_says_where_it_leads_and_which_command_does_the_same() {
    let link =
        start(Workflow::Rollback, &[("environment", "production"), ("target_version", "auto")]);
    let link = link.unwrap();
    assert_eq!(
        link.url().to_string(),
        "https://github.com/example/shop/actions/workflows/rollback.yml?inputs=environment:production,target_version:auto"
    );
    assert_eq!(
        link.command(),
        "gh workflow run rollback.yml --repo example/shop -f environment=production -f target_version=auto"
    );
    assert_eq!(link.category(), Category::Rollback);
}

#[test]
fn a_written_link_is_read_and_prints_back() {
    let link =
        ActionLink::new(parts("Promote to Release", RELEASE, "release"), "github.com").unwrap();
    assert_eq!(link.url().to_string(), RELEASE);
    assert_eq!(link.url().inputs, inputs(&[("version", "v1.2.3")]));
}

#[test]
fn each_rule_of_links_is_told() {
    for (parts, rule) in [
        (parts("Go", RELEASE, "release"), RuleId::LNK001),
        (
            parts(
                "Promote to Release",
                "http://github.com/a/b/actions/workflows/release.yml",
                "release",
            ),
            RuleId::LNK002,
        ),
        (
            parts(
                "Promote to Release",
                "https://example.com/a/b/actions/workflows/release.yml",
                "release",
            ),
            RuleId::LNK002,
        ),
        (parts("Promote to Release", "https://github.com/a/b/pulls", "release"), RuleId::LNK002),
        (parts("Promote to Release", RELEASE, "rollback"), RuleId::LNK003),
        (parts("Promote to Release", RELEASE, "promotion"), RuleId::LNK003),
        (
            parts("Promote to Release", &RELEASE.replace("release", "relaese"), "release"),
            RuleId::LNK004,
        ),
        (
            parts("Promote to Release", &RELEASE.replace("version:", "versoin:"), "release"),
            RuleId::LNK004,
        ),
        (
            parts("Promote to Release", &RELEASE.replace("version:", "version"), "release"),
            RuleId::LNK004,
        ),
    ] {
        let faults = ActionLink::new(parts.clone(), "github.com").unwrap_err();
        assert!(faults.breaks(rule), "{parts:?}: {faults}");
    }
}

#[test]
fn inputs_are_those_that_the_workflow_takes() {
    let told = start(Workflow::Deployment, &[("enviroment", "staging"), ("skip_queue", "yes")]);
    let told = told.unwrap_err().to_string();
    assert!(told.contains("Did you mean `environment`?"), "{told}");
    assert!(told.contains("inputs[\"skip_queue\"]`: found `yes`"), "{told}");
}

#[test]
fn an_enterprise_server_is_named_in_link_and_command() {
    let repository: GithubRepository = "git.example.com/team/shop".parse().unwrap();
    let link =
        ActionLink::start(repository, Workflow::PreRelease, Inputs::new(), "Check the release");
    let link = link.unwrap();
    assert!(link.command().contains("--repo git.example.com/team/shop"));
    assert!(link.url().to_string().starts_with("https://git.example.com/team/shop/actions/"));
    for bad in ["shop", "a/b/c/d", "../shop", "a b/c", "host:1x/a/b"] {
        assert!(bad.parse::<GithubRepository>().is_err(), "{bad}");
    }
}

#[test]
fn a_hostile_value_stays_one_word_of_the_command() {
    let link = start(Workflow::SelfHealing, &[("branch", "x'; rm -rf / #")]).unwrap();
    assert!(link.command().ends_with(r"-f 'branch=x'\''; rm -rf / #'"), "{}", link.command());
}

proptest! {
    #[test]
    fn links_round_trip(value in "[^\\p{Cc}]{1,30}") {
        let link = start(Workflow::SelfHealing, &[("branch", &value)]).unwrap();
        let read = ActionUrl::read(&link.url().to_string(), "github.com").unwrap();
        prop_assert_eq!(&read, link.url());
    }
}
