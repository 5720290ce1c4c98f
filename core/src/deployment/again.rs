//! Deploying by what records say, where no configuration is at hand: to where the newest success there went, by the
//! same health check. Pure.
//!
//! What a record does not hold is not guessed: commands, templates, migrations and the query of a URL are only in the
//! configuration.

use super::ecs::ImageReference;
use super::{Deployment, EcsRollout, HealthTerms, Rollout, Scope};
use crate::base::rule::RuleId;
use crate::base::url::{HealthCheckUrl, PublicUrl};
use crate::base::violation::{Findings, Violation, Violations, quoted};
use crate::infrastructure::InfrastructureId;

/// How a deployment goes to where the newest success went.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Again {
    /// The service of ECS, with the image of the version; nothing where nothing but git is changed.
    pub ecs: Option<EcsRollout>,
    /// The health check, where there was one.
    pub health_check: Option<(HealthCheckUrl, HealthTerms)>,
    /// Whether a success moves the environment tag.
    pub will_move_env_tag: bool,
    /// Where the public finds it.
    pub public_url: Option<PublicUrl>,
    /// The infrastructure resource that hosts it.
    pub infrastructure: Option<InfrastructureId>,
    /// Whether the newest success had tests, which only its configuration can run.
    pub leaves_tests_out: bool,
}

/// How the version that `good` shows to be good goes to where `place` went, the newest success there.
///
/// # Errors
/// OWN057 for each thing that is needed and not on record.
pub fn again(place: &Deployment, good: &Deployment) -> Result<Again, Violations> {
    let mut findings = Findings::new();
    let ecs = target(place, good).map_err(|fault| findings.push(fault)).ok();
    let health_check = health_check(place).map_err(|fault| findings.push(fault)).ok();
    let (Some(ecs), Some(health_check)) = (ecs, health_check) else {
        return Err(findings.fail());
    };
    findings.finish(Again {
        ecs,
        health_check,
        will_move_env_tag: place.will_move_env_tag,
        public_url: place.public_url.clone(),
        infrastructure: place.infrastructure.clone(),
        leaves_tests_out: place.tests.is_some(),
    })
}

/// OWN057: migrations are commands and tasks of a configuration, and a version that goes forward may need them.
#[must_use]
pub fn unmigrated(place: &Deployment, good: &Deployment) -> Option<Violation> {
    let migrated = [good, place].into_iter().find_map(|it| Some((it, it.migrations.as_ref()?)));
    migrated.map(|(record, migrations)| {
        let names: Vec<_> = migrations.names.iter().map(|name| quoted(name)).collect();
        not_told(
            place,
            format!("`{}`, which ran the migrations {}", record.id, names.join(", ")),
            "a deployment without migrations, which only a configuration can run",
        )
    })
}

/// OWN057: nothing was deployed there that could say how.
#[must_use]
pub fn nowhere(scope: &Scope) -> Violation {
    Violation::new(
        RuleId::OWN057,
        format!("no successful deployment to `{scope}` on record"),
        "one whose target and health check can be used again",
        format!("Deploy to `{scope}` once by a configuration."),
    )
}

fn target(place: &Deployment, good: &Deployment) -> Result<Option<EcsRollout>, Violation> {
    let found = match &place.rollout {
        None => return Ok(None),
        Some(Rollout::Ecs(there)) => match good.rollout.as_ref().and_then(Rollout::ecs) {
            Some(shown) if shown.image.parse::<ImageReference>().is_ok() => {
                let image = shown.image.clone();
                return Ok(Some(EcsRollout { image, ..untouched(there) }));
            }
            _ => {
                return Err(not_told(
                    place,
                    format!("`{}`, whose record names no image of `{}`", good.id, good.version),
                    "a deployment of the version to a service of ECS",
                ));
            }
        },
        Some(Rollout::Command(rollout)) => {
            format!("`{}`, which the command {} brought there", place.id, quoted(&rollout.program))
        }
        Some(Rollout::Stacks(_)) => {
            format!("`{}`, which the templates of stacks brought there", place.id)
        }
    };
    Err(not_told(place, found, "a target that is on record: a service of ECS, or nothing but git"))
}

/// A rollout of which nothing happened yet.
fn untouched(there: &EcsRollout) -> EcsRollout {
    EcsRollout {
        task_definition: None,
        previous_task_definition: None,
        ecs_deployment_id: None,
        restored_task_definition: None,
        ..there.clone()
    }
}

fn health_check(place: &Deployment) -> Result<Option<(HealthCheckUrl, HealthTerms)>, Violation> {
    let Some(url) = &place.health_check_url else { return Ok(None) };
    match &place.health_check_terms {
        Some(terms) if !terms.url_is_cut => Ok(Some((url.clone(), terms.clone()))),
        Some(_) => Err(not_told(
            place,
            format!(
                "`{}`, whose health check asks `{url}` with a query that is not recorded",
                place.id
            ),
            "a health check that is on record as a whole",
        )),
        None => Err(not_told(
            place,
            format!(
                "`{}`, whose record does not say when the answer of `{url}` is healthy: an earlier release wrote it",
                place.id
            ),
            "a health check that is on record as a whole",
        )),
    }
}

fn not_told(place: &Deployment, found: String, expected: &str) -> Violation {
    let scope = Scope {
        environment: place.environment.clone(),
        sub_project_path: place.version.sub_project_path().clone(),
        region: place.region.clone(),
    };
    let next =
        format!("Deploy to `{scope}` by the configuration that `{}` was deployed by.", place.id);
    Violation::new(RuleId::OWN057, found, expected, next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::tests::deployment as queued;
    use crate::deployment::{CommandRollout, MigrationsRun};

    fn on_ecs(image: &str) -> Deployment {
        let rollout = EcsRollout {
            cluster: "main".to_owned(),
            service: "api".to_owned(),
            container: "api".to_owned(),
            image: image.to_owned(),
            task_definition: Some("arn:aws:ecs:eu-west-1:1:task-definition/api:7".to_owned()),
            previous_task_definition: None,
            ecs_deployment_id: Some("ecs-svc/1".to_owned()),
            restored_task_definition: None,
        };
        Deployment { rollout: Some(rollout.into()), ..queued() }
    }

    fn terms() -> HealthTerms {
        HealthTerms {
            expected_status: 204,
            expected_body: None,
            interval_ms: 50,
            retries: Some(2),
            attempt_timeout_ms: 1000,
            timeout_ms: 2000,
            url_is_cut: false,
        }
    }

    fn checked(terms: Option<HealthTerms>) -> Deployment {
        let url = Some("https://example.com/health".parse().unwrap());
        Deployment { health_check_url: url, health_check_terms: terms, ..queued() }
    }

    fn refused(place: &Deployment, good: &Deployment) -> String {
        again(place, good).unwrap_err().to_string()
    }

    #[test]
    fn the_place_is_of_the_newest_success_and_the_image_of_the_version() {
        let found = again(&on_ecs("api:2"), &on_ecs("api:1")).unwrap().ecs.unwrap();
        assert_eq!((found.image.as_str(), found.service.as_str()), ("api:1", "api"));
        assert_eq!((found.task_definition, found.ecs_deployment_id), (None, None));
        assert_eq!(again(&queued(), &on_ecs("api:1")).unwrap().ecs, None);
        assert!(refused(&on_ecs("api:2"), &queued()).contains("no image"));
    }

    #[test]
    fn what_only_a_configuration_has_is_not_guessed() {
        let program = "deploy.sh".to_owned();
        let by_command = CommandRollout { program, begun: true, restored: false };
        let by_command = Deployment { rollout: Some(by_command.into()), ..checked(None) };
        let told = refused(&by_command, &queued());
        assert!(told.contains("deploy.sh") && told.contains("an earlier release"), "{told}");
        let cut = HealthTerms { url_is_cut: true, ..terms() };
        assert!(refused(&checked(Some(cut)), &queued()).contains("query"));
        assert_eq!(
            again(&checked(Some(terms())), &queued()).unwrap().health_check.unwrap().1,
            terms()
        );
        assert_eq!(unmigrated(&queued(), &queued()), None);
        let migrations = MigrationsRun::begun(vec!["add-users".to_owned()]);
        let migrated = Deployment { migrations, ..queued() };
        for (place, good) in [(&migrated, &queued()), (&queued(), &migrated)] {
            assert!(unmigrated(place, good).unwrap().found.contains("add-users"));
        }
    }
}
