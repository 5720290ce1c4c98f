//! What these credentials may do, as IAM simulates it. Nothing is tried.
//!
//! IAM knows the policies of users and roles, boundaries and those of the organization. It leaves out policies of
//! resources, and of the session.

use aws_config::SdkConfig;
use aws_sdk_iam::Client;
use aws_sdk_iam::config::http::HttpResponse;
use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_iam::types::PolicyEvaluationDecisionType;

use super::Connection;
use super::credentials::ANYWHERE;
use super::fault::Fault;
use super::sts::Caller;

const SERVICE: &str = "IAM";

/// So many results fit on one page; nobody asks for as many actions.
const MOST_PAGES: usize = 10;

/// Whoever the credentials belong to, as IAM knows them.
#[derive(Debug)]
pub struct Permissions<'a> {
    config: &'a SdkConfig,
    client: Client,
    principal: String,
}

impl<'a> Permissions<'a> {
    /// Those of the credentials; `None` of the account itself, which may do everything, and of whomever IAM does
    /// not know.
    ///
    /// # Errors
    /// Nobody can tell whose credentials these are.
    pub async fn of(connection: &'a Connection) -> Result<Option<Self>, Fault> {
        let config = connection.config().await;
        let region = config.region().cloned().unwrap_or(ANYWHERE);
        let settings = aws_sdk_iam::config::Builder::from(config).region(region).build();
        let client = Client::from_conf(settings);
        let caller = connection.caller().await.map_err(Clone::clone)?;
        let principal = match Principal::of(caller) {
            None => return Ok(None),
            Some(Principal::User(arn)) => arn,
            Some(Principal::Role { name, plain }) => {
                // A session does not tell the path of its role; IAM does, to whoever may ask.
                let role = client.get_role().role_name(name).send().await.ok();
                role.and_then(|it| it.role.map(|role| role.arn)).unwrap_or(plain)
            }
        };
        Ok(Some(Self { config, client, principal }))
    }

    /// The ARN of the user or role.
    #[must_use]
    pub fn principal(&self) -> &str {
        &self.principal
    }

    /// Whether all of these actions are allowed on a resource.
    ///
    /// # Errors
    /// IAM does not tell; most people may not ask.
    pub async fn allow(&self, actions: &[&str], resource: &str) -> Result<bool, Fault> {
        let mut marker = None;
        for _ in 0..MOST_PAGES {
            let asked = self.client.simulate_principal_policy();
            let asked = asked.policy_source_arn(&self.principal).resource_arns(resource);
            let actions = actions.iter().map(|action| (*action).to_owned()).collect();
            let asked = asked.set_action_names(Some(actions)).set_marker(marker);
            let answer = match asked.send().await {
                Ok(answer) => answer,
                Err(error) => return Err(self.fault("SimulatePrincipalPolicy", &error).await),
            };
            let allowed = PolicyEvaluationDecisionType::Allowed;
            if answer.evaluation_results().iter().any(|result| result.eval_decision != allowed) {
                return Ok(false);
            }
            marker = answer.marker.filter(|_| answer.is_truncated);
            if marker.is_none() {
                break;
            }
        }
        Ok(true)
    }

    async fn fault<E>(&self, call: &'static str, error: &SdkError<E, HttpResponse>) -> Fault
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        Fault::of(self.config, SERVICE, call, error).await
    }
}

/// A caller that IAM has policies of.
#[derive(Debug, PartialEq, Eq)]
enum Principal {
    User(String),
    Role {
        name: String,
        /// Its ARN, if it has no path.
        plain: String,
    },
}

impl Principal {
    fn of(caller: &Caller) -> Option<Self> {
        let parts: Vec<&str> = caller.arn.splitn(6, ':').collect();
        let [_, partition, service, _, account, resource] = parts[..] else { return None };
        match (service, resource.split_once('/')?) {
            ("iam", ("user", _)) => Some(Self::User(caller.arn.clone())),
            ("sts", ("assumed-role", session)) => {
                let name = session.split('/').next()?.to_owned();
                let plain = format!("arn:{partition}:iam::{account}:role/{name}");
                Some(Self::Role { name, plain })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_belongs_to_its_role() {
        let of = |arn: &str| {
            let account = "123456789012".parse().unwrap();
            Principal::of(&Caller { account, arn: arn.to_owned() })
        };
        let user = "arn:aws:iam::123456789012:user/team/ada";
        assert_eq!(of(user), Some(Principal::User(user.to_owned())));
        let role = Principal::Role {
            name: "ci".to_owned(),
            plain: "arn:aws-cn:iam::123456789012:role/ci".to_owned(),
        };
        assert_eq!(of("arn:aws-cn:sts::123456789012:assumed-role/ci/run-7"), Some(role));
        for nobody in [
            "arn:aws:iam::123456789012:root",
            "arn:aws:sts::123456789012:federated-user/ada",
            "nobody",
        ] {
            assert_eq!(of(nobody), None, "{nobody}");
        }
    }
}
