//! One account of the local AWS: what a test sets up there, and how Terraform finds it.
//!
//! The services are spoken to plainly, by the protocol each of them has; nothing of the product is
//! used for it.

use serde_json::{Value, json};

use super::http::{Answer, escaped, send};
use super::wait_for;
use crate::sandbox::Environment;
use crate::workspace::quote;
use crate::{Failure, Outcome};

/// The region in which tests play.
const REGION: &str = "eu-west-1";

/// An account, in one region.
#[derive(Debug, Clone)]
pub struct Account {
    endpoint: String,
    id: String,
}

/// A service of ECS that runs one container.
#[derive(Debug, Clone, Copy)]
pub struct Service<'a> {
    /// Name of the cluster; it is made where it is missing.
    pub cluster: &'a str,
    /// Name of the service and of its task definition's family.
    pub name: &'a str,
    /// Name of the container.
    pub container: &'a str,
    /// Its image.
    pub image: &'a str,
}

impl Account {
    pub(super) fn new(endpoint: &str, id: String) -> Self {
        Self { endpoint: endpoint.to_owned(), id }
    }

    /// Its twelve digits.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its region.
    #[must_use]
    pub const fn region(&self) -> &'static str {
        REGION
    }

    /// Where every service answers.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The variables of somebody who is logged in to this account. The access key is the account's
    /// number: that is how the local AWS knows who calls.
    #[must_use]
    pub fn variables(&self) -> [(&'static str, String); 5] {
        [
            ("AWS_ACCESS_KEY_ID", self.id.clone()),
            ("AWS_SECRET_ACCESS_KEY", "canary-aws-secret-key".to_owned()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_ENDPOINT_URL", self.endpoint.clone()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ]
    }

    /// Logs every program of `environment` in to this account.
    pub fn log_in(&self, environment: &mut Environment) {
        for (name, value) in self.variables() {
            environment.set(name, value);
        }
    }

    /// The provider block's `aws` that leads here; further lines of it in `more`.
    #[must_use]
    pub fn block(&self, more: &str) -> String {
        let (region, endpoint) = (quote(REGION), quote(&self.endpoint));
        format!("  aws = {{\n    region = {region}\n    endpoint_url = {endpoint}\n{more}\n  }}\n")
    }

    /// Calls ECS, such as `DescribeServices`.
    ///
    /// # Errors
    /// ECS refuses.
    pub fn ecs(&self, action: &str, body: &Value) -> Outcome<Value> {
        self.json("ecs", &format!("AmazonEC2ContainerServiceV20141113.{action}"), body)
    }

    /// Calls CloudWatch Logs, such as `GetLogEvents`.
    ///
    /// # Errors
    /// It refuses.
    pub fn logs(&self, action: &str, body: &Value) -> Outcome<Value> {
        self.json("logs", &format!("Logs_20140328.{action}"), body)
    }

    /// Calls a service that speaks JSON; one that has nothing to say answers nothing.
    fn json(&self, service: &str, target: &str, body: &Value) -> Outcome<Value> {
        let signature = self.signature(service);
        let headers = [
            ("Authorization", signature.as_str()),
            ("X-Amz-Target", target),
            ("Content-Type", "application/x-amz-json-1.1"),
        ];
        let sent = send(&self.endpoint, "POST /", &headers, body.to_string().as_bytes())?;
        let body = sent.success(target)?.body;
        Ok(if body.is_empty() { Value::Null } else { serde_json::from_slice(&body)? })
    }

    /// Registers a revision of a task definition with one container; the answer is its ARN.
    ///
    /// # Errors
    /// ECS refuses.
    pub fn task_definition(&self, family: &str, container: &str, image: &str) -> Outcome<String> {
        let made = self.ecs(
            "RegisterTaskDefinition",
            &json!({
                "family": family,
                "containerDefinitions": [
                    {"name": container, "image": image, "essential": true, "memory": 128},
                ],
            }),
        )?;
        let arn = made["taskDefinition"]["taskDefinitionArn"].as_str();
        arn.map(ToOwned::to_owned).ok_or_else(|| Failure::new(format!("no ARN in {made}")))
    }

    /// Makes a service that runs one task; the answer is the ARN of its task definition.
    ///
    /// # Errors
    /// ECS refuses.
    pub fn service(&self, service: Service<'_>) -> Outcome<String> {
        let Service { cluster, name, container, image } = service;
        self.ecs("CreateCluster", &json!({"clusterName": cluster}))?;
        let definition = self.task_definition(name, container, image)?;
        self.ecs(
            "CreateService",
            &json!({
                "cluster": cluster,
                "serviceName": name,
                "taskDefinition": definition,
                "desiredCount": 1,
            }),
        )?;
        Ok(definition)
    }

    /// A service as ECS describes it.
    ///
    /// # Errors
    /// There is none.
    pub fn described(&self, cluster: &str, name: &str) -> Outcome<Value> {
        let asked = json!({"cluster": cluster, "services": [name]});
        let told = self.ecs("DescribeServices", &asked)?;
        let found = told.pointer("/services/0").cloned();
        found.ok_or_else(|| Failure::new(format!("no service {name}: {told}")))
    }

    /// The image that the containers of a service's task definition have.
    ///
    /// # Errors
    /// There is no such service.
    pub fn image(&self, cluster: &str, name: &str) -> Outcome<String> {
        let service = self.described(cluster, name)?;
        let asked = json!({"taskDefinition": service["taskDefinition"]});
        let told = self.ecs("DescribeTaskDefinition", &asked)?;
        let image = told.pointer("/taskDefinition/containerDefinitions/0/image");
        let image = image.and_then(Value::as_str).map(ToOwned::to_owned);
        image.ok_or_else(|| Failure::new(format!("no image in {told}")))
    }

    /// Makes a bucket. Names are everybody's, so this adds the account's number to `name`.
    ///
    /// # Errors
    /// S3 refuses.
    pub fn bucket(&self, name: &str) -> Outcome<String> {
        let bucket = format!("{name}-{}", self.id);
        let place = format!(
            "<CreateBucketConfiguration><LocationConstraint>{REGION}</LocationConstraint>\
             </CreateBucketConfiguration>"
        );
        self.s3("PUT", &format!("/{bucket}"), &[], place.as_bytes())?.success("CreateBucket")?;
        Ok(bucket)
    }

    /// Lets a bucket keep old versions.
    ///
    /// # Errors
    /// S3 refuses.
    pub fn keep_versions(&self, bucket: &str) -> Outcome {
        let on = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
        let sent = self.s3("PUT", &format!("/{bucket}?versioning"), &[], on.as_bytes())?;
        sent.success("PutBucketVersioning").map(drop)
    }

    /// Puts an object.
    ///
    /// # Errors
    /// S3 refuses.
    pub fn put(&self, bucket: &str, key: &str, bytes: &[u8]) -> Outcome {
        let sent = self.s3("PUT", &format!("/{bucket}/{key}"), &[], bytes)?;
        sent.success("PutObject").map(drop)
    }

    /// An object's bytes.
    ///
    /// # Errors
    /// There is none.
    pub fn get(&self, bucket: &str, key: &str) -> Outcome<Vec<u8>> {
        let sent = self.s3("GET", &format!("/{bucket}/{key}"), &[], &[])?;
        Ok(sent.success("GetObject")?.body)
    }

    /// Calls S3, whatever it answers; `path` begins with `/` and the bucket.
    ///
    /// # Errors
    /// Nobody answers.
    pub fn s3(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Outcome<Answer> {
        let signature = self.signature("s3");
        let all = [&[("Authorization", signature.as_str())], headers].concat();
        send(&self.endpoint, &format!("{method} {path}"), &all, body)
    }

    /// Makes a stack of CloudFormation and waits for its end; the answer is its status, such as
    /// `CREATE_COMPLETE` or `ROLLBACK_COMPLETE`.
    ///
    /// # Errors
    /// CloudFormation refuses, or does not come to an end.
    pub fn stack(
        &self,
        name: &str,
        template: &Value,
        parameters: &[(&str, &str)],
    ) -> Outcome<String> {
        self.change_stack("CreateStack", name, template, parameters)
    }

    /// Gives a stack another template and waits for the end; the answer is its status.
    ///
    /// # Errors
    /// CloudFormation refuses, or does not come to an end.
    pub fn update_stack(&self, name: &str, template: &Value) -> Outcome<String> {
        self.change_stack("UpdateStack", name, template, &[])
    }

    fn change_stack(
        &self,
        action: &str,
        name: &str,
        template: &Value,
        parameters: &[(&str, &str)],
    ) -> Outcome<String> {
        let template = template.to_string();
        let mut form =
            vec![("StackName".to_owned(), name.to_owned()), ("TemplateBody".to_owned(), template)];
        for (at, (key, value)) in (1..).zip(parameters) {
            let member = format!("Parameters.member.{at}");
            form.push((format!("{member}.ParameterKey"), (*key).to_owned()));
            form.push((format!("{member}.ParameterValue"), (*value).to_owned()));
        }
        self.cloudformation(action, &form)?;
        let asked = named(name);
        wait_for("the stack comes to its end", || {
            let told = self.cloudformation("DescribeStacks", &asked)?;
            let status = between(&told, "<StackStatus>", "</StackStatus>").map(ToOwned::to_owned);
            Ok(status.filter(|status| !status.ends_with("_IN_PROGRESS")))
        })
    }

    /// The status of a stack; `None` where there is none.
    ///
    /// # Errors
    /// CloudFormation refuses.
    pub fn stack_status(&self, name: &str) -> Outcome<Option<String>> {
        let told = self.cloudformation("DescribeStacks", &[])?;
        let stacks = all_between(&told, "<StackName>", "</StackStatus>");
        let own = stacks.into_iter().find(|stack| stack.starts_with(&format!("{name}<")));
        Ok(own.and_then(|stack| stack.split_once("<StackStatus>")).map(|(_, it)| it.to_owned()))
    }

    /// The outputs of a stack, by key.
    ///
    /// # Errors
    /// There is no such stack.
    pub fn stack_outputs(&self, name: &str) -> Outcome<Vec<(String, String)>> {
        let told = self.cloudformation("DescribeStacks", &named(name))?;
        let keys = all_between(&told, "<OutputKey>", "</OutputKey>");
        let values = all_between(&told, "<OutputValue>", "</OutputValue>");
        let mut all: Vec<_> = keys
            .into_iter()
            .zip(values)
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        all.sort();
        Ok(all)
    }

    /// How many change sets of a stack are there that were not executed.
    ///
    /// # Errors
    /// There is no such stack.
    pub fn change_sets(&self, name: &str) -> Outcome<usize> {
        let told = self.cloudformation("ListChangeSets", &named(name))?;
        Ok(told.matches("<ExecutionStatus>AVAILABLE").count())
    }

    /// Calls CloudFormation; the answer is XML.
    ///
    /// # Errors
    /// CloudFormation refuses.
    pub fn cloudformation(&self, action: &str, form: &[(String, String)]) -> Outcome<String> {
        self.query("cloudformation", "2010-05-15", action, form)
    }

    /// Makes a role with this policy, or gives it another one.
    ///
    /// # Errors
    /// IAM refuses.
    pub fn role(&self, name: &str, policy: &Value) -> Outcome {
        let form = |more: [(&str, String); 2]| {
            let name = [("RoleName", name.to_owned())];
            let all = name.into_iter().chain(more);
            all.map(|(name, value)| (name.to_owned(), value)).collect::<Vec<_>>()
        };
        let trust = json!({"Version": "2012-10-17", "Statement": []}).to_string();
        let made = [("Path", "/".to_owned()), ("AssumeRolePolicyDocument", trust)];
        // It may be there already, which is as good.
        drop(self.query("iam", "2010-05-08", "CreateRole", &form(made)));
        let given = [("PolicyName", "own".to_owned()), ("PolicyDocument", policy.to_string())];
        self.query("iam", "2010-05-08", "PutRolePolicy", &form(given)).map(drop)
    }

    fn query(
        &self,
        service: &str,
        version: &str,
        action: &str,
        form: &[(String, String)],
    ) -> Outcome<String> {
        let mut body = format!("Action={action}&Version={version}");
        for (name, value) in form {
            body = format!("{body}&{}={}", escaped(name), escaped(value));
        }
        let signature = self.signature(service);
        let headers = [
            ("Authorization", signature.as_str()),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        let sent = send(&self.endpoint, "POST /", &headers, body.as_bytes())?;
        Ok(sent.success(action)?.text())
    }

    /// Who calls, and which service: all that the local AWS reads of a signature.
    fn signature(&self, service: &str) -> String {
        let id = &self.id;
        format!(
            "AWS4-HMAC-SHA256 Credential={id}/20260101/{REGION}/{service}/aws4_request, \
             SignedHeaders=host, Signature=0"
        )
    }
}

/// The parameter that names a stack.
fn named(stack: &str) -> [(String, String); 1] {
    [("StackName".to_owned(), stack.to_owned())]
}

/// The texts between two marks, all of them.
fn all_between<'a>(text: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    text.split(open).skip(1).filter_map(|rest| rest.split_once(close)).map(|it| it.0).collect()
}

/// The text between two marks.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    text.split_once(open)?.1.split_once(close).map(|(inner, _)| inner)
}
