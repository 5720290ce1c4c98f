//! The rows of the catalogue. Each line: ID, document, entity, severity, stage, statement.
//!
//! Retired, and never used again: XEN003, which QUE003 says.

use super::{Rule, Severity, Stage};

macro_rules! catalogue {
    ($($id:ident $seed:literal $entity:ident $severity:ident $stage:ident $statement:literal)*) => {
        /// The ID of a rule of the catalogue.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum RuleId {
            $(#[doc = $statement] $id,)*
        }

        /// Every rule that is enforced, in the order of the families.
        pub const CATALOGUE: &[Rule] = &[$(RuleId::$id.rule()),*];

        impl RuleId {
            /// The rule with this ID.
            #[must_use]
            pub const fn rule(self) -> Rule {
                let (seed, entity, severity, stage, statement) = match self {
                    $(Self::$id => {
                        ($seed, stringify!($entity), Severity::$severity, Stage::$stage, $statement)
                    })*
                };
                Rule { id: self, seed, entity, severity, stage, statement }
            }

            /// The ID as text, such as `TAG001`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$id => stringify!($id),)* }
            }
        }
    };
}

catalogue! {
    VER001 "001" Version Error Type "A version is written `vMAJOR.MINOR.PATCH`, optionally followed by `-` and a pre-release of letters, digits, dots and hyphens."
    VER002 "001" Version Error Type "The sub-project of a version is a path without a slash at either end, made of names that git allows in a ref; the root project has none."
    VER003 "001" Version Error Type "Major, minor and patch are plain decimal numbers without leading zeros that fit 64 bits."
    VER004 "001" Version Error Type "A pre-release is a dot-separated list of non-empty identifiers, of which the numeric ones have no leading zeros."
    VER005 "001" Version Error Type "The full version is the sub-project, a slash and the semantic version, or the semantic version alone at the root."
    VER006 "001" Version Error Plan "A version never changes once it exists; another version is another object."
    VER007 "001" Version Error Type "A version has no build metadata."

    TAG001 "001" VersionTag Error Type "A version tag is an optional sub-project path and a version; a pre-release is a version tag only where pre-release tags are allowed."
    TAG002 "001" VersionTag Error Type "An environment tag is an optional sub-project path and one of the configured environment names."
    TAG003 "001" VersionTag Error Type "A state tag is an optional sub-project path and a release version followed by `-stable`, `-unstable` or `-deprecated`."
    TAG004 "001" VersionTag Error Type "A tag of type `version` has a version and cannot be moved."
    TAG005 "001" VersionTag Error Type "A tag of type `environment` has an environment and can be moved."
    TAG006 "001" VersionTag Error Type "A tag of type `state` has a version and a state and cannot be moved."
    TAG007 "001" VersionTag Error Type "A commit is named by its full SHA-1, 40 hexadecimal digits in lower case."
    TAG008 "001" VersionTag Error Type "Only a tag that can be moved has a time of its last move."
    TAG009 "001" VersionTag Error Plan "A version tag stays where it is: it is neither moved nor deleted, and giving up its resource leaves it in git."
    TAG010 "001" VersionTag Error Apply "An environment tag moves only from the commit that the plan saw; when somebody else moved it first, nothing is overwritten and both commits are named."
    TAG011 "001" VersionTag Error Plan "A state tag stays where it is: it is neither moved nor deleted."
    TAG012 "001" VersionTag Error Plan "An immutable tag is changed only in an emergency, by an override that gives a reason and names a person."
    TAG013 "derived" VersionTag Error Type "The name of a tag is one that git accepts as a ref name."
    TAG014 "derived" VersionTag Error Plan "A state tag speaks of a version whose version tag exists, and stands on that tag's commit."
    TAG015 "derived" VersionTag Error Plan "An immutable tag is created only where none of that name exists; the answer names both commits, or says how to import what is there."

    ENV001 "001" Environment Error Type "The name of an environment begins with a lower-case letter and goes on with lower-case letters, digits and hyphens."
    ENV002 "001" Environment Error Type "The folder of an environment is a relative path below `environments/` that stays inside it, through symbolic links too."
    ENV003 "001" Environment Error Plan "The secrets file of an environment exists in the repository."
    ENV004 "001" Environment Error Plan "The secrets file is encrypted with SOPS: each value that its settings cover, with a MAC and at least one key."
    ENV005 "001" Environment Error Plan "An environment named `production` or `prod` is a production environment."
    ENV006 "001" Environment Warning Plan "Deployments to a production environment should need an approval."
    ENV010 "002" Environment Error Type "An Azure environment is `dev`, `staging` or `prod`."
    ENV011 "002" Environment Error Type "A hosting profile names the App Service plan size it runs on."
    ENV012 "002" Environment Error Plan "A hosting profile has one instance or more, and in production two or more."
    ENV013 "002" Environment Error Plan "Backups are `simple` or `zone-redundant`, and in production `zone-redundant`."
    ENV014 "002" Environment Error Plan "Storage is replicated as `LRS` or `RA-GRS`, and in production as `RA-GRS`."
    ENV015 "002" Environment Error Type "Monitoring thresholds give the latency, the error rate and the availability, each within its range."
    ENV016 "002" Environment Error Type "The region of a hosting profile is a known region of Azure."
    ENV017 "002" Environment Error Type "A monthly budget is more than nothing; 500 US dollars where none is given."
    ENV020 "004" Environment Error Type "An environment has a name."
    ENV021 "004" Environment Error Type "The AWS region of an environment is a known one."
    ENV022 "004" Environment Error Type "An AWS account is a text of twelve digits."
    ENV023 "004" Environment Error Type "Stacks, where they are given at all, are at least one."
    ENV024 "004" Environment Error Type "A stack has a name and a path."
    ENV025 "004" Environment Error Type "Test commands, where they are given, are a list of commands, each a text that says something."

    REG001 "001" Region Error Type "A region is named by two lower-case letters, a hyphen and lower-case letters, as in `eu-west`."
    REG002 "001" Region Error Type "The folder of a region is a relative path inside the `regions` folder of its environment."
    REG003 "001" Region Error Type "A region is mapped to at least one cloud."
    REG004 "derived" Region Warning Plan "The name that a region has in a cloud should be one that the cloud knows."

    DEP001 "001" Deployment Error Apply "No two deployments of a repository have the same ID."
    DEP002 "001" Deployment Error Type "A deployment begins queued or in progress."
    DEP003 "001" Deployment Error Type "A deployment has a place in the queue exactly while it is queued."
    DEP004 "001" Deployment Error Type "A deployment that is in progress, or was, has the time at which it started."
    DEP005 "001" Deployment Error Type "A deployment that came to its end has the time at which it did, not before its start; others have none."
    DEP006 "001" Deployment Error Type "A workflow run is named by its GitHub Actions run ID, a positive decimal number."
    DEP007 "001" Deployment Error Plan "The commit of a deployment is the commit of its version's tag."
    DEP008 "001" Deployment Error Apply "A deployment that succeeds and is to move the environment tag moves it in the same atomic step that records the success."
    DEP009 "001" Deployment Error Apply "A deployment that failed or was cancelled leaves the environment tag where it is."
    DEP010 "001" Deployment Error Type "A queued deployment starts or is cancelled; one in progress succeeds, fails or is cancelled; one that succeeded can be rolled back; nothing else happens."
    DEP011 "001" Deployment Error Plan "The region of a deployment is one of its environment's regions."
    DEP012 "001" Deployment Error Plan "Where an environment asks for approval, a deployment carries one for its commit, by somebody other than the person who triggered it."
    DEP020 "000" Deployment Error Type "The version of an application follows semantic versioning."
    DEP021 "000" Deployment Error Plan "A deployment goes to an environment that is registered."
    DEP022 "000" Deployment Error Type "The address of the health check is an HTTP or HTTPS URL."
    DEP023 "000" Deployment Error Type "The public address is an HTTP or HTTPS URL."
    DEP024 "000" Deployment Error Type "A pending deployment starts deploying; a deploying one is deployed or fails; a deployed one can be rolled back."
    DEP025 "000" Deployment Error Plan "The pipeline run that a deployment refers to is on record."
    DEP026 "000" Deployment Error Plan "The infrastructure resource that a deployment refers to is on record."
    DEP030 "002" Deployment Error Type "The ID of an Azure deployment is a UUID."
    DEP031 "002" Deployment Error Type "An Azure deployment goes to `dev`, `staging` or `prod`."
    DEP032 "002" Deployment Error Type "A branch has a name that git accepts for one."
    DEP033 "002" Deployment Error Type "An artifact has a path, and neither its size nor its build time is negative."
    DEP034 "002" Deployment Error Type "Migrations were not required, succeeded, failed or were rolled back."
    DEP035 "002" Deployment Error Type "A health check passed, failed or timed out."
    DEP036 "002" Deployment Error Type "Only a health check that passed has a response time."
    DEP037 "002" Deployment Error Type "An Azure deployment is in progress, succeeded or failed, and has no end time while it is in progress."
    DEP038 "002" Deployment Error Type "The duration of a deployment is the time from its start to its end."
    DEP039 "002" Deployment Error Apply "A deployment is a success only when its tests, its migrations and its health check are; otherwise it failed."
    DEP040 "002" Deployment Warning Apply "A deployment should take no longer than ten minutes."
    DEP050 "003" DeploymentStateRecord Error Type "The ID of a deployment is `deploy-`, its date and time and six characters; a deployment-state file has `deploy-` and Unix seconds."
    DEP051 "003" DeploymentStateRecord Error Type "The outcome in a deployment-state file is `success`, `failure` or `rolled_back`."
    DEP052 "003" DeploymentStateRecord Error Type "Git operations were attempted once, twice or three times."
    DEP053 "003" DeploymentStateRecord Error Type "Only a failure has an error message."
    DEP054 "003" DeploymentStateRecord Error Apply "A git operation that fails in transport is attempted three times in all, waiting two seconds and then four; a lost race is an answer and is not repeated."
    DEP055 "003" DeploymentStateRecord Error Apply "A success becomes the last known good and enters the history, of which the newest ten are shown."
    DEP056 "003" DeploymentStateRecord Error Apply "A failure leaves the last known good as it was."
    DEP060 "004" DeploymentResult Error Type "The result of a stack deployment says whether it succeeded, which stack it was, its outputs, its events and a duration that is not negative."

    CFG001 "004" Configuration Error Type "The version of a configuration file is the text `1.0`."
    CFG002 "004" Configuration Error Type "The build of a configuration file has at least one command, each a text that says something."
    CFG003 "004" Configuration Error Type "A configuration file has at least one environment, each with a name of its own and at least one stack."
    CFG004 "004" Configuration Error Read "A configuration file that is wrong is told with path, line and column of all that is wrong."
    CFG005 "004" Configuration Error Plan "The AWS credentials can be had, and they belong to the account of the environment."
    CFG007 "004" Configuration Error Plan "The context keys that a CDK application needs stand in `cdk.json`, each with a value."
    CFG008 "004" Configuration Error Plan "The programs that the build calls are in `PATH` and answer for their version."
    CFG009 "004" Configuration Error Type "The name of an environment in a configuration file has lower-case letters, digits and hyphens; `version` and `account` are text, not numbers."
    CFG010 "004" Configuration Warning Read "A key that a configuration file does not know is named, with the key that was probably meant."
    CFG011 "004" Configuration Error Read "The generated `WorkflowTemplate` passes Argo's own strict validation, and no value of the configuration stands in the text of a script."

    ART001 "004" ArtifactMetadata Error Type "An artifact belongs to a commit, which is named in full."
    ART002 "004" ArtifactMetadata Error Apply "An artifact lies in its bucket under the commit that it was built from."
    ART003 "004" ArtifactMetadata Error Apply "The checksum of an artifact is the SHA-256 of the bytes that S3 holds, confirmed by S3, and its size is their number."
    ART004 "004" ArtifactMetadata Warning Read "The bucket of artifacts should keep versions, encrypt with AES-256 and expire artifacts, after 90 days unless something else is said."

    QUE001 "001" DeploymentQueue Error Type "A queue belongs to an environment with a valid name."
    QUE002 "001" DeploymentQueue Error Type "Each deployment that waits in a queue is queued."
    QUE003 "001" DeploymentQueue Error Type "Each deployment in a queue goes to the queue's environment."
    QUE004 "001" DeploymentQueue Error Type "The current deployment of a queue is in progress."
    QUE005 "001" DeploymentQueue Error Type "A queue is locked exactly while it has a current deployment."
    QUE006 "001" DeploymentQueue Error Apply "A new deployment goes to the end of the queue, and the places are 1, 2, 3 and so on without gaps."
    QUE007 "001" DeploymentQueue Error Apply "Starting takes the deployment at the head of the queue, and locks the queue in the same step."
    QUE008 "001" DeploymentQueue Error Apply "Completing a deployment removes it from the queue and unlocks the queue."

    RBK001 "001" RollbackTarget Error Type "The version to go back to is of the same sub-project and lower than the one that runs."
    RBK002 "001" RollbackTarget Error Type "The version to go back to is not deprecated."
    RBK003 "001" RollbackTarget Warning Read "The version to go back to should be a stable one, where a candidate is."
    RBK004 "001" RollbackTarget Error Type "The version to go back to is one of the candidates."
    RBK005 "001" RollbackTarget Error Type "The version to go back to is not one that was left out, and of each of those it is said why."
    RBK006 "001" RollbackTarget Error Read "Only a version that was deployed to the environment before, with success and not taken back, is a candidate."
    RBK007 "001" RollbackTarget Error Read "The criteria decide: stable versions come first, deprecated and unstable ones are left out, where each is asked for."

    EVT001 "004" GitHubEvent Error Type "Commit, branch, repository, author, message and time are read from a push event; a payload of another kind is named and refused."
    EVT002 "004" GitHubEvent Error Type "A push event is of a branch that exists; the push of a tag and the deletion of a branch are refused by name."

    LNK001 "001" ActionLink Error Type "The label of a link has 5 to 50 characters."
    LNK002 "001" ActionLink Error Type "The URL of a link is the HTTPS address of a workflow's page on GitHub, or on the configured GitHub Enterprise Server."
    LNK003 "001" ActionLink Error Type "The category of a link is `deployment`, `release`, `maintenance`, `rollback` or `state`, and fits the workflow that it starts."
    LNK004 "001" ActionLink Error Type "A link starts a known workflow with inputs that this workflow takes; beside it stands the command that does so."

    GLB001 "000" all Error Type "Every time is in UTC."
    GLB002 "000" all Error Type "Every ID is a UUID, an identifier of an AWS or Azure resource, or one of the documented forms."
    GLB003 "000" all Error Type "Every URL is an HTTP or HTTPS URL."
    GLB004 "000" all Error Type "Every status is a word of its closed list."

    BUS001 "000" Deployment Error Apply "An environment has one deployment in progress at a time, no matter who started it or where."
    BUS002 "000" Deployment Error Apply "A deployment that fails puts the previous version back."

    RET003 "000" PipelineRun Error Apply "What expires goes to the archive first, where one is configured, and stays where it is when the archive did not take it."

    TFS001 "000" TerraformState Error Type "The workspace of a state has a name that Terraform accepts for one."
    TFS002 "000" TerraformState Error Type "The backend of a state is one that can be read, `local` or `s3`."
    TFS003 "000" TerraformState Error Type "A state manages no resource, or some."
    TFS004 "000" TerraformState Error Type "A state names the version of Terraform or OpenTofu that wrote it."
    TFS005 "000" TerraformState Error Read "The hash of a state is the SHA-256 of the bytes that were read."
    TFS006 "000" TerraformState Warning Read "The bucket of a state should keep old versions of it."
    TFS007 "000" TerraformState Warning Read "A writer of a state in S3 should hold a lock, in a DynamoDB table or in a lock file beside it."

    XEN001 "001" VersionTag Error Plan "An environment has a tag only if it has a configuration folder."
    XEN002 "001" Deployment Error Apply "The version tag of a deployment is in git when the deployment begins."

    SCY001 "001" Environment Error Read "Every secrets file below `environments/` is encrypted with SOPS."
    SCY003 "001" VersionTag Error Apply "On a remote, environment tags are created and moved by CI and not by hand."
    SCY004 "001" VersionTag Error Apply "Every override is written to the audit log: who, when, what and why."

    SEC001 "002" Secret Error Type "The name of a secret is one that a Key Vault takes: 1 to 127 letters, digits and hyphens."
    SEC002 "002" Secret Error Type "A Key Vault is named by its HTTPS URL, without anything behind the host."
    SEC003 "002" Secret Error Type "A secret is a `ConnectionString`, an `ApiKey`, a `Certificate` or `Other`."
    SEC004 "002" Secret Error Type "The days between two rotations of a secret are a positive number; where it is absent, it is 90."
    SEC005 "002" Secret Error Type "The next rotation of a secret is due `rotation_schedule_days` after the last, and never where there was none."
    SEC006 "002" Secret Warning Plan "A secret is rotated before its next rotation is due."
    SEC007 "002" Secret Error Type "What is recorded of a secret never holds its value."
    SEC010 "002" Secret Error Plan "A secret belongs to an environment that is registered; one that is not active is never overdue."

    POL008 "derived" Override Error Type "An override says why and who answers for it, and may be limited to rules, subjects and a time; it never lifts what protects queues, secrets or one deployment at a time."

    OWN001 "derived" VersionConstraint Error Type "A version constraint is a comma-separated list of versions, each after one of `=`, `!=`, `>`, `>=`, `<`, `<=`, `~>`."
    OWN002 "derived" Deployment Error Plan "An older version replaces a newer one only when the configuration allows it."
    OWN003 "derived" all Error Type "An actor has a name, on one line and without angle brackets."
    OWN004 "derived" all Error Type "A ref is named in full, from `refs/` on, as git accepts it."
    OWN005 "derived" Version Error Type "The part of a version to raise is `major`, `minor`, `patch` or `prerelease`."
    OWN006 "derived" VersionTag Error Plan "A version or state tag on a remote stands on a commit to which a branch or a tag of the remote leads."
    OWN010 "derived" Deployment Error Plan "A deployment to ECS names a cluster that exists and is active."
    OWN011 "derived" Deployment Error Plan "A deployment to ECS names a service that exists in its cluster and is active."
    OWN012 "derived" Deployment Error Plan "A deployment to ECS names a container of the revision that the service runs."
    OWN013 "derived" Deployment Error Plan "A service of ECS is deployed to only where ECS itself rolls out: the controllers `CODE_DEPLOY` and `EXTERNAL` are refused."
    OWN014 "derived" Deployment Error Plan "A service of ECS that is deployed to wants at least one task."
    OWN015 "derived" Deployment Error Plan "The revision that a failed deployment to ECS would put back is ACTIVE, where there is one."
    OWN016 "derived" Deployment Error Type "A container image is a repository with a tag, a digest or both."
    OWN017 "derived" Deployment Error Type "Clusters, services, containers and their variables have names that ECS takes."
    OWN018 "derived" Deployment Error Type "A variable of a container is set once, plainly or from a store of secrets."
    OWN019 "derived" Deployment Error Type "A secret is given by the place where it is kept, never by its value."
    OWN020 "derived" ArtifactMetadata Error Plan "An artifact of a commit never changes: other bytes belong to another commit or another path."
    OWN021 "derived" all Error Type "A bucket has a name that S3 allows."
    OWN022 "derived" ArtifactMetadata Error Type "The type of an artifact is lower-case words joined by hyphens."
    OWN030 "derived" all Error Type "The AWS region that is used is a known one."
    OWN031 "derived" all Error Type "A role to assume is named by its ARN, with the account that it belongs to."
    OWN032 "derived" all Error Type "The session of an assumed role has a name of 2 to 64 characters that IAM allows."
    OWN033 "derived" TerraformState Error Type "A backend gets the settings that it needs, and no other backend's."
    OWN034 "derived" TerraformState Error Read "A state file is read when it is whole, not encrypted, of format version 4 and no larger than 256 MiB."
    OWN035 "derived" DeploymentResult Error Type "A stack is named as CloudFormation allows it, or by its ARN."
    OWN036 "derived" Deployment Error Plan "A deployment is rolled out in the AWS region that its environment says, where it says one."
    OWN037 "derived" Deployment Error Plan "A rollout on ECS may take longer than the service bakes new tasks."
    OWN040 "derived" Deployment Error Plan "A version that was taken back from an environment is deployed there again only when the configuration names the deployment after which it is."
    OWN041 "derived" Deployment Error Type "The body that a health check expects is a regular expression of limited size that does not match everything."
    OWN042 "derived" DeploymentStateRecord Error Type "A deployment-state file is a JSON object whose known fields have the right types."
    OWN043 "derived" SharedSettings Error Plan "All configurations of a repository agree on the names of environments that have tags, and on whether pre-releases are version tags."
}
