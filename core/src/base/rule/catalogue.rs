//! The rows of the catalogue. Each line: ID, document, entity, severity, stage, title,
//! statement.
//!
//! Retired, and never used again: XEN003, which QUE003 says, and OWN036, which ENV026 says.

use super::{Rule, Severity, Stage};

macro_rules! catalogue {
    ($($id:ident $seed:literal $entity:ident $severity:ident $stage:ident $title:literal $statement:literal)*) => {
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
                let (seed, entity, severity, stage, title, statement) = match self {
                    $(Self::$id => {
                        let (severity, stage) = (Severity::$severity, Stage::$stage);
                        ($seed, stringify!($entity), severity, stage, $title, $statement)
                    })*
                };
                Rule { id: self, seed, entity, severity, stage, title, statement }
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
    VER001 "001" Version Error Type "the version is malformed" "A version is written `vMAJOR.MINOR.PATCH`, optionally followed by `-` and a pre-release of letters, digits, dots and hyphens."
    VER002 "001" Version Error Type "the sub-project path is not valid" "The sub-project of a version is a path without a slash at either end, made of names that git allows in a ref; the root project has none."
    VER003 "001" Version Error Type "a number of the version is not valid" "Major, minor and patch are plain decimal numbers without leading zeros that fit 64 bits."
    VER004 "001" Version Error Type "the pre-release is malformed" "A pre-release is a dot-separated list of non-empty identifiers, of which the numeric ones have no leading zeros."
    VER005 "001" Version Error Type "the full version disagrees with its parts" "The full version is the sub-project, a slash and the semantic version, or the semantic version alone at the root."
    VER006 "001" Version Error Plan "a version would change" "A version never changes once it exists; another version is another object."
    VER007 "001" Version Error Type "the version has build metadata" "A version has no build metadata."

    TAG001 "001" VersionTag Error Type "the name is not that of an allowed version tag" "A version tag is an optional sub-project path and a version; a pre-release is a version tag only where pre-release tags are allowed."
    TAG002 "001" VersionTag Error Type "the tag names no known environment" "An environment tag is an optional sub-project path and one of the configured environment names."
    TAG003 "001" VersionTag Error Type "the tag names no valid state" "A state tag is an optional sub-project path and a release version followed by `-stable`, `-unstable` or `-deprecated`."
    TAG004 "001" VersionTag Error Type "the version tag contradicts its name" "A tag of type `version` has a version and cannot be moved."
    TAG005 "001" VersionTag Error Type "the environment tag contradicts its name" "A tag of type `environment` has an environment and can be moved."
    TAG006 "001" VersionTag Error Type "the state tag contradicts its name" "A tag of type `state` has a version and a state and cannot be moved."
    TAG007 "001" VersionTag Error Type "the commit is not given in full" "A commit is named by its full SHA-1, 40 hexadecimal digits in lower case."
    TAG008 "001" VersionTag Error Type "a tag that never moves has a time of a move" "Only a tag that can be moved has a time of its last move."
    TAG009 "001" VersionTag Error Plan "a version tag was changed, or would be" "A version tag stays where it is: it is neither moved nor deleted, and giving up its resource leaves it in git."
    TAG010 "001" VersionTag Error Apply "somebody else moved the environment tag" "An environment tag moves only from the commit that the plan saw; when somebody else moved it first, nothing is overwritten and both commits are named."
    TAG011 "001" VersionTag Error Plan "a state tag was changed, or would be" "A state tag stays where it is: it is neither moved nor deleted."
    TAG012 "001" VersionTag Error Plan "the override is incomplete" "An immutable tag is changed only in an emergency, by an override that gives a reason and names a person."
    TAG013 "derived" VersionTag Error Type "git does not accept the tag name" "The name of a tag is one that git accepts as a ref name."
    TAG014 "derived" VersionTag Error Plan "the state tag does not match a version tag" "A state tag speaks of a version whose version tag exists, and stands on that tag's commit."
    TAG015 "derived" VersionTag Error Plan "the tag already exists" "An immutable tag is created only where none of that name exists; the answer names both commits, or says how to import what is there."

    ENV001 "001" Environment Error Type "the name of the environment is not valid" "The name of an environment begins with a lower-case letter and goes on with lower-case letters, digits and hyphens."
    ENV002 "001" Environment Error Type "the folder of the environment is missing or not allowed" "The folder of an environment is a relative path below `environments/` that stays inside it, through symbolic links too."
    ENV003 "001" Environment Error Plan "the secrets file is missing" "The secrets file of an environment exists in the repository."
    ENV004 "001" Environment Error Plan "the secrets file is not fully encrypted" "The secrets file is encrypted with SOPS: each value that its settings cover, with a MAC and at least one key."
    ENV005 "001" Environment Error Plan "a production environment is not marked as one" "An environment named `production` or `prod` is a production environment."
    ENV006 "001" Environment Warning Plan "production does not ask for approvals" "Deployments to a production environment should need an approval."
    ENV010 "002" Environment Error Type "the Azure environment is unknown" "An Azure environment is `dev`, `staging` or `prod`."
    ENV011 "002" Environment Error Type "the size of the App Service plan is not valid" "A hosting profile names the App Service plan size it runs on."
    ENV012 "002" Environment Error Plan "there are too few instances" "A hosting profile has one instance or more, and in production two or more."
    ENV013 "002" Environment Error Plan "the backup strategy is not allowed" "Backups are `simple` or `zone-redundant`, and in production `zone-redundant`."
    ENV014 "002" Environment Error Plan "the storage replication is not allowed" "Storage is replicated as `LRS` or `RA-GRS`, and in production as `RA-GRS`."
    ENV015 "002" Environment Error Type "a monitoring threshold is missing or out of range" "Monitoring thresholds give the latency, the error rate and the availability, each within its range."
    ENV016 "002" Environment Error Type "the Azure region is unknown" "The region of a hosting profile is a known region of Azure."
    ENV017 "002" Environment Error Type "the budget is not above 0" "A monthly budget is more than nothing; 500 US dollars where none is given."
    ENV020 "004" Environment Error Type "the environment has no name" "An environment has a name."
    ENV021 "004" Environment Error Type "the AWS region is unknown" "The AWS region of an environment is a known one."
    ENV022 "004" Environment Error Type "the AWS account is not twelve digits" "An AWS account is a text of twelve digits."
    ENV023 "004" Environment Error Type "the list of stacks is empty" "Stacks, where they are given at all, are at least one."
    ENV024 "004" Environment Error Type "a stack lacks its name or its path" "A stack has a name and a path."
    ENV025 "004" Environment Error Type "the test commands are not a list of texts" "Test commands, where they are given, are a list of commands, each a text that says something."
    ENV026 "derived" Environment Error Plan "the AWS region is not the one of the environment" "A deployment is rolled out in the AWS region that its environment says, where it says one."

    REG001 "001" Region Error Type "the name of the region is not valid or not unique" "A region is named by two lower-case letters, a hyphen and lower-case letters, as in `eu-west`."
    REG002 "001" Region Error Type "the folder of the region is not valid" "The folder of a region is a relative path inside the `regions` folder of its environment."
    REG003 "001" Region Error Type "a cloud mapping is missing or empty" "A region is mapped to at least one cloud."
    REG004 "derived" Region Warning Plan "the cloud or its region is unknown" "The name that a region has in a cloud should be one that the cloud knows."

    DEP001 "001" Deployment Error Apply "the deployment ID is taken" "No two deployments of a repository have the same ID."
    DEP002 "001" Deployment Error Type "a deployment cannot begin with this status" "A deployment begins queued or in progress."
    DEP003 "001" Deployment Error Type "the queue position does not fit the status" "A deployment has a place in the queue exactly while it is queued."
    DEP004 "001" Deployment Error Type "the start time is missing" "A deployment that is in progress, or was, has the time at which it started."
    DEP005 "001" Deployment Error Type "the end time does not fit the status or the start" "A deployment that came to its end has the time at which it did, not before its start; others have none."
    DEP006 "001" Deployment Error Type "the workflow run ID is not valid" "A workflow run is named by its GitHub Actions run ID, a positive decimal number."
    DEP007 "001" Deployment Error Plan "the version's tag is missing or on another commit" "The commit of a deployment is the commit of its version's tag."
    DEP008 "001" Deployment Error Apply "the success and the tag's move are not one step" "A deployment that succeeds and is to move the environment tag moves it in the same atomic step that records the success."
    DEP009 "001" Deployment Error Apply "a tag would move that has to stay" "A deployment that failed or was cancelled leaves the environment tag where it is."
    DEP010 "001" Deployment Error Type "the status cannot change in this way" "A queued deployment starts or is cancelled; one in progress succeeds, fails or is cancelled; one that succeeded can be rolled back; nothing else happens."
    DEP011 "001" Deployment Error Plan "the environment has no such region" "The region of a deployment is one of its environment's regions."
    DEP012 "001" Deployment Error Plan "the approval is missing or not valid" "Where an environment asks for approval, a deployment carries one for its commit, by somebody other than the person who triggered it."
    DEP020 "000" Deployment Error Type "the version is not a semantic version" "The version of an application follows semantic versioning."
    DEP021 "000" Deployment Error Plan "the environment is not registered" "A deployment goes to an environment that is registered."
    DEP022 "000" Deployment Error Type "the address of the health check is not an HTTP URL" "The address of the health check is an HTTP or HTTPS URL."
    DEP023 "000" Deployment Error Type "the public address is not an HTTP URL" "The public address is an HTTP or HTTPS URL."
    DEP024 "000" Deployment Error Type "the status cannot change in this way" "A pending deployment starts deploying; a deploying one is deployed or fails; a deployed one can be rolled back."
    DEP025 "000" Deployment Error Plan "the pipeline run is not on record" "The pipeline run that a deployment refers to is on record."
    DEP026 "000" Deployment Error Plan "the infrastructure resource is not on record" "The infrastructure resource that a deployment refers to is on record."
    DEP030 "002" Deployment Error Type "the deployment ID is not a UUID" "The ID of an Azure deployment is a UUID."
    DEP031 "002" Deployment Error Type "the Azure environment is unknown" "An Azure deployment goes to `dev`, `staging` or `prod`."
    DEP032 "002" Deployment Error Type "git does not accept the branch name" "A branch has a name that git accepts for one."
    DEP033 "002" Deployment Error Type "the data of the artifact is not valid" "An artifact has a path, and neither its size nor its build time is negative."
    DEP034 "002" Deployment Error Type "the status of the migrations is unknown" "Migrations were not required, succeeded, failed or were rolled back."
    DEP035 "002" Deployment Error Type "the status of the health check is unknown" "A health check passed, failed or timed out."
    DEP036 "002" Deployment Error Type "a health check that did not pass has a response time" "Only a health check that passed has a response time."
    DEP037 "002" Deployment Error Type "the status or end time is not valid" "An Azure deployment is in progress, succeeded or failed, and has no end time while it is in progress."
    DEP038 "002" Deployment Error Type "the duration does not match start and end" "The duration of a deployment is the time from its start to its end."
    DEP039 "002" Deployment Error Apply "a step of the deployment did not succeed" "A deployment is a success only when its tests, its migrations and its health check are; otherwise it failed."
    DEP040 "002" Deployment Warning Apply "the deployment took too long" "A deployment should take no longer than ten minutes."
    DEP050 "003" DeploymentStateRecord Error Type "the deployment ID is malformed" "The ID of a deployment is `deploy-`, its date and time and six characters; a deployment-state file has `deploy-` and Unix seconds."
    DEP051 "003" DeploymentStateRecord Error Type "the outcome is unknown" "The outcome in a deployment-state file is `success`, `failure` or `rolled_back`."
    DEP052 "003" DeploymentStateRecord Error Type "the number of git attempts is not 1, 2 or 3" "Git operations were attempted once, twice or three times."
    DEP053 "003" DeploymentStateRecord Error Type "a deployment that did not fail has an error message" "Only a failure has an error message."
    DEP054 "003" DeploymentStateRecord Error Apply "the remote did not answer" "A git operation that fails in transport is attempted three times in all, waiting two seconds and then four; a lost race is an answer and is not repeated."
    DEP055 "003" DeploymentStateRecord Error Apply "the last known good or the history is wrong" "A success becomes the last known good and enters the history, of which the newest ten are shown."
    DEP056 "003" DeploymentStateRecord Error Apply "the last known good changed although the deployment failed" "A failure leaves the last known good as it was."
    DEP060 "004" DeploymentResult Error Type "the result of the stack is incomplete or not valid" "The result of a stack deployment says whether it succeeded, which stack it was, its outputs, its events and a duration that is not negative."

    CFG001 "004" Configuration Error Type "the version of the configuration file is not `1.0`" "The version of a configuration file is the text `1.0`."
    CFG002 "004" Configuration Error Type "a build command is missing or empty" "The build of a configuration file has at least one command, each a text that says something."
    CFG003 "004" Configuration Error Type "an environment is missing, repeated or without stacks" "A configuration file has at least one environment, each with a name of its own and at least one stack."
    CFG004 "004" Configuration Error Read "the configuration file cannot be read as it is" "A configuration file that is wrong is told with path, line and column of all that is wrong."
    CFG005 "004" Configuration Error Plan "the AWS credentials are missing or of another account" "The AWS credentials can be had, and they belong to the account of the environment."
    CFG006 "004" Configuration Warning Plan "the AWS credentials may not do what a deployment needs" "The credentials have the permissions that the deployment needs, as far as IAM tells: it simulates their policies, for whoever may ask it to."
    CFG007 "004" Configuration Error Plan "a context key is missing from `cdk.json`" "The context keys that a CDK application needs stand in `cdk.json`, each with a value."
    CFG008 "004" Configuration Error Plan "a program that the build calls is missing" "The programs that the build calls are in `PATH` and answer for their version."
    CFG009 "004" Configuration Error Type "a name or a text of the configuration file is not valid" "The name of an environment in a configuration file has lower-case letters, digits and hyphens; `version` and `account` are text, not numbers."
    CFG010 "004" Configuration Warning Read "a key of the configuration file is unknown" "A key that a configuration file does not know is named, with the key that was probably meant."
    CFG011 "004" Configuration Error Read "the workflow would hold what Argo does not take" "What goes into a workflow is what Argo and Kubernetes take: names of Kubernetes, images other than `:latest`, names of environments with at most 121 characters, and texts without `{{`, which Argo replaces. No value of the configuration stands in the text of a script."

    ART001 "004" ArtifactMetadata Error Type "the commit is not given in full" "An artifact belongs to a commit, which is named in full."
    ART002 "004" ArtifactMetadata Error Apply "the artifact is not stored under its commit" "An artifact lies in its bucket under the commit that it was built from."
    ART003 "004" ArtifactMetadata Error Apply "the checksum or the size is wrong" "The checksum of an artifact is the SHA-256 of the bytes that S3 holds, confirmed by S3, and its size is their number."
    ART004 "004" ArtifactMetadata Warning Read "the bucket lacks recommended settings" "The bucket of artifacts should keep versions, encrypt with AES-256 and expire artifacts, after 90 days unless something else is said."

    QUE001 "001" DeploymentQueue Error Type "the environment of the queue has no valid name" "A queue belongs to an environment with a valid name."
    QUE002 "001" DeploymentQueue Error Type "a deployment that waits is not queued" "Each deployment that waits in a queue is queued."
    QUE003 "001" DeploymentQueue Error Type "the queue holds what belongs to another environment" "Each deployment in a queue goes to the queue's environment."
    QUE004 "001" DeploymentQueue Error Type "the current deployment is not in progress" "The current deployment of a queue is in progress."
    QUE005 "001" DeploymentQueue Error Type "the lock of the queue contradicts itself" "A queue is locked exactly while it has a current deployment."
    QUE006 "001" DeploymentQueue Error Apply "the places in the queue contradict each other" "A new deployment goes to the end of the queue, and the places are 1, 2, 3 and so on without gaps."
    QUE007 "001" DeploymentQueue Error Apply "another deployment is ahead in the queue" "Starting takes the deployment at the head of the queue, and locks the queue in the same step."
    QUE008 "001" DeploymentQueue Error Apply "this deployment no longer holds the environment" "Completing a deployment removes it from the queue and unlocks the queue."

    RBK001 "001" RollbackTarget Error Type "the target is not an earlier version of the sub-project" "The version to go back to is of the same sub-project and lower than the one that runs."
    RBK002 "001" RollbackTarget Error Type "the target is deprecated" "The version to go back to is not deprecated."
    RBK003 "001" RollbackTarget Warning Read "the target is not marked stable" "The version to go back to should be a stable one, where a candidate is."
    RBK004 "001" RollbackTarget Error Type "the target is not a candidate" "The version to go back to is one of the candidates."
    RBK005 "001" RollbackTarget Error Type "the rejected versions contradict the target or lack a reason" "The version to go back to is not one that was left out, and of each of those it is said why."
    RBK006 "001" RollbackTarget Error Read "a candidate never ran there with success" "Only a version that was deployed to the environment before, with success and not taken back, is a candidate."
    RBK007 "001" RollbackTarget Error Read "a version does not meet the criteria" "The criteria decide: stable versions come first, deprecated and unstable ones are left out, where each is asked for."

    EVT001 "004" GitHubEvent Error Type "the payload is not a complete push event" "Commit, branch, repository, author, message and time are read from a push event; a payload of another kind is named and refused."
    EVT002 "004" GitHubEvent Error Type "the push is not of a branch that exists" "A push event is of a branch that exists; the push of a tag and the deletion of a branch are refused by name."

    RPT001 "001" PipelineReport Error Type "the GitHub Actions run of the report is not one" "A report names the GitHub Actions run of its run by that run's ID, a positive number."
    RPT002 "001" PipelineReport Error Type "the report has no action links" "A report links to what can be started, where its repository on GitHub is named."
    RPT003 "001" PipelineReport Warning Read "the report was not made at the end of its run" "A report of a run is made at most 10 seconds after the run ended; a later one says so."
    RPT004 "001" PipelineReport Error Read "the run of the report is not over" "A report of a run is made when the run is on record and over."
    RPT005 "001" PipelineReport Error Type "the run of the report has no known end" "A report says of its run that it ended with `success`, `failure` or `cancelled`."

    LNK001 "001" ActionLink Error Type "the label is too short, too long or not printable" "The label of a link has 5 to 50 characters."
    LNK002 "001" ActionLink Error Type "the URL is not the page of a workflow" "The URL of a link is the HTTPS address of a workflow's page on GitHub, or on the configured GitHub Enterprise Server."
    LNK003 "001" ActionLink Error Type "the category is unknown or does not fit" "The category of a link is `deployment`, `release`, `maintenance`, `rollback` or `state`, and fits the workflow that it starts."
    LNK004 "001" ActionLink Error Type "the workflow or its input is unknown" "A link starts a known workflow with inputs that this workflow takes; beside it stands the command that does so."

    GLB001 "000" Value Error Type "the time is not in UTC" "Every time is in UTC."
    GLB002 "000" Value Error Type "the ID has no known form" "Every ID is a UUID, an identifier of an AWS or Azure resource, or one of the documented forms."
    GLB003 "000" Value Error Type "the URL is not an HTTP URL" "Every URL is an HTTP or HTTPS URL."
    GLB004 "000" Value Error Type "the value is not one of those allowed" "Every status is a word of its closed list."

    BUS001 "000" Deployment Error Apply "another deployment is in progress" "An environment has one deployment in progress at a time, no matter who started it or where."
    BUS002 "000" Deployment Error Apply "the previous version was not put back" "A deployment that fails puts the previous version back."
    BUS003 "000" Deployment Error Apply "the lock of the environment was lost" "What is deployed under the lock of an environment is deployed while it is held: once it was lost to others, nothing more is."
    BUS004 "000" Deployment Error Plan "the environment has no single queue to lock" "An environment that is locked has one queue, not one for each sub-project."

    RUN001 "000" PipelineRun Error Apply "the name of the pipeline is not free" "The name of a pipeline is one part of a git ref, and means one pipeline in a repository: one trigger and one branch."
    RUN002 "000" PipelineRun Error Type "the commit of the run is not given in full" "The commit of a run is named by its full SHA-1, 40 hexadecimal digits in lower case."
    RUN003 "000" PipelineRun Error Type "the run ends before it begins" "A run begins before it ends."
    RUN004 "000" PipelineRun Error Type "the duration of the run is not positive" "The duration of a run is positive."
    RUN005 "000" PipelineRun Error Type "the status of the run is not known" "A run is `pending`, `running`, `success`, `failed` or `cancelled`."
    RUN006 "000" PipelineRun Error Type "the trigger of the run is not known" "A run is started by `push`, `manual` or `schedule`."
    RUN007 "000" PipelineRun Error Plan "the status of the run cannot change in this way" "A pending run starts running; a running one succeeds or fails; both can be cancelled, and nothing follows an end. A run may first be recorded in any status."
    RUN020 "003" PipelineRun Error Type "the ID of the run is malformed" "The ID of a run is `run-YYYYMMDD-HHMMSS-` and six lower-case letters or digits, with a real date and time."
    RUN021 "003" PipelineRun Error Type "the run ends before it begins" "A run that is timed in whole seconds does not end before it begins."
    RUN022 "003" PipelineRun Error Type "the duration of the run is not the difference of its times" "The duration of a run is the difference of its end and its beginning."
    RUN023 "003" PipelineRun Error Type "the exit code of the run is not known" "The exit code of a run is 0 to 5."
    RUN024 "003" PipelineRun Error Type "the profile of the run is not known" "The profile of a run is `dev`, `ui` or `full`."
    RUN025 "003" PipelineRun Error Type "the way in which the run was invoked is not known" "A run is invoked from `TUI` or `CLI`."
    RUN026 "003" PipelineRun Error Type "the completed steps of the run are not those of a run" "The completed steps of a run begin with `init`; of a finished run they end with `complete`; no step is there twice."
    RUN027 "003" PipelineRun Error Type "the exit code does not fit the time that the run took" "A run with exit code 5 took 300 seconds or more, and one with exit code 0 less."
    RUN028 "003" PipelineRun Error Type "the exit code does not fit what failed" "The exit code of a run names the lowest step that failed: 1 `lint`, 2 tests, 3 `build`, 4 `env-check`; a step that failed is not completed."

    LOG001 "003" LogEntry Error Type "the time of a log entry is malformed" "The time of a log entry is written by ISO 8601."
    LOG002 "003" LogEntry Error Type "the level of a log entry is not known" "The level of a log entry is `info`, `warn` or `error`."
    LOG003 "003" LogEntry Error Type "a log entry lacks a field" "A log entry has a message, the ID of its run, a source file, a function and a step."
    LOG004 "003" LogEntry Error Type "a log entry does not name its place in the source" "A log entry names its source file by a relative path, and the line in it from 1."
    LOG005 "003" LogEntry Error Type "the duration in a log entry is not valid" "A duration is 0 ms or more, and only the entry that completes a step has one."
    LOG006 "003" LogEntry Error Read "the log holds something that is no entry" "A log is one JSON object after another; what is none is reported with its line, and the others are still read."
    LOG007 "003" LogEntry Error Type "the step of a log entry is not known" "The step of a log entry is one of the known steps of a run."

    TST001 "003" TestExecution Error Type "the suite of tests is not known" "A suite of tests is `unit`, `integration` or `e2e`."
    TST002 "003" TestExecution Error Type "the attempts of a suite are out of order" "The attempts of a suite are numbered 1 and 2, and the second follows a failed first."
    TST003 "003" TestExecution Error Type "the status of a suite is not known" "A suite of tests is `passed`, `failed` or `skipped`."
    TST004 "003" TestExecution Error Type "the number of failures contradicts the status" "A suite that passed has no failure, and one that failed has at least one."
    TST005 "003" TestExecution Error Type "the times of a suite contradict each other" "A suite does not end before it begins, and its duration is the difference."
    TST006 "003" TestExecution Error Type "a serial fallback ran in parallel" "A suite that fell back to run alone does not run in parallel."
    TST007 "003" TestExecution Error Read "a suite ran too often in one run" "A run executes each suite at most twice."
    TST008 "003" TestExecution Error Type "a suite was repeated that may not be" "A second attempt is made of `e2e`, and of another suite only as the serial fallback."

    RES001 "004" BuildResult Error Type "the result of the build contradicts itself" "A build succeeded if and only if its exit code is 0, and took no negative time."
    RES002 "004" TestExecutionResult Error Type "the result of the tests contradicts itself" "Tests that ran passed or failed, and their run succeeded if and only if its exit code is 0 and none failed."

    WFL001 "004" WorkflowMetadata Error Type "the status of the stage is not known" "A stage is `running`, `succeeded` or `failed`."
    WFL002 "004" WorkflowMetadata Error Type "the time of the end does not fit the status" "A run or a stage has no end before it is over, and does not end before it begins."
    WFL003 "004" StageMetadata Error Type "the error message does not fit the status of the stage" "A stage has an error message if and only if it failed."
    WFL004 "004" WorkflowMetadata Error Type "the run contradicts its stages" "A run with a failed stage has not succeeded, and each stage lies within the time of its run."

    RET001 "000" PipelineRun Error Apply "a run that succeeded would go too early" "A run that succeeded is kept 90 days."
    RET002 "000" PipelineRun Error Apply "a run that did not succeed would go too early" "A run that failed or was cancelled is kept 365 days."
    RET003 "000" PipelineRun Error Apply "the archive did not take what expires" "What expires goes to the archive first, where one is configured, and stays where it is when the archive did not take it."
    RET004 "000" Deployment Error Apply "what a deployment leaves would go too early" "Output and logs of a deployment are kept 30 days and the answers of its health checks 7; its record, its approvals and the audit log stay."
    RET005 "000" InfrastructureResource Error Apply "a record of infrastructure would go" "Records of infrastructure are kept for good."
    RET006 "004" ArtifactMetadata Error Apply "an artifact or a log of a workflow would go too early" "An artifact is kept 90 days and the log of a workflow 30."

    TFS001 "000" TerraformState Error Type "the workspace name is not valid" "The workspace of a state has a name that Terraform accepts for one."
    TFS002 "000" TerraformState Error Type "the backend is not supported" "The backend of a state is one that can be read, `local` or `s3`."
    TFS003 "000" TerraformState Error Type "the number of resources is negative" "A state manages no resource, or some."
    TFS004 "000" TerraformState Error Type "the Terraform version is not valid" "A state names the version of Terraform or OpenTofu that wrote it."
    TFS005 "000" TerraformState Error Read "the state is not the one with this hash" "The hash of a state is the SHA-256 of the bytes that were read."
    TFS006 "000" TerraformState Warning Read "the bucket keeps no old versions of the state" "The bucket of a state should keep old versions of it."
    TFS007 "000" TerraformState Warning Read "writers of the state take no lock" "A writer of a state in S3 should hold a lock, in a DynamoDB table or in a lock file beside it."

    XEN001 "001" VersionTag Error Plan "the environment has no configuration folder" "An environment has a tag only if it has a configuration folder."
    XEN002 "001" Deployment Error Apply "the version's tag is missing or on another commit" "The version tag of a deployment is in git when the deployment begins."

    MNT001 "001" MaintenanceTask Error Apply "the ID of the task is taken" "A maintenance task has an ID that no other task has."
    MNT002 "001" MaintenanceTask Error Type "a task cannot begin with this status" "A maintenance task begins pending or in progress."
    MNT003 "001" MaintenanceTask Error Type "the time of the start does not go with the status" "A maintenance task says when it started once it is in progress, and not before."
    MNT004 "001" MaintenanceTask Error Type "the time of the end does not go with the status" "A maintenance task says when it was over once it succeeded or failed, and not before; that is not before its start."
    MNT005 "001" MaintenanceTask Error Type "the status cannot change in this way" "A pending task starts; one in progress succeeds or fails; nothing else happens to it."
    MNT006 "001" MaintenanceTask Error Type "the type of the task is unknown" "A maintenance task is `cleanup`, `sync-files`, `deprecate-old-versions`, `security-audit`, `dependency-update` or `all`."
    MNT007 "001" MaintenanceTask Error Apply "the version is still needed" "A version that runs anywhere, is about to, is a last known good, or is what an environment would go back to, is never deprecated, and no tag of it is removed."
    MNT008 "001" MaintenanceTask Error Apply "the security audit found something" "A credential in a script of CI, or a secrets file in the clear, makes the security audit fail; no finding holds the secret that it is about."
    MNT009 "001" MaintenanceTask Error Plan "a dry run would change something" "A dry run changes nothing, and shows what the task would do."

    SEC001 "002" Secret Error Type "the name of the secret is not valid" "The name of a secret is one that a Key Vault takes: 1 to 127 letters, digits and hyphens."
    SEC002 "002" Secret Error Type "the address of the Key Vault is not valid" "A Key Vault is named by its HTTPS URL, without anything behind the host."
    SEC003 "002" Secret Error Type "the type of the secret is unknown" "A secret is a `ConnectionString`, an `ApiKey`, a `Certificate` or `Other`."
    SEC004 "002" Secret Error Type "the rotation schedule is not a positive number" "The days between two rotations of a secret are a positive number; where it is absent, it is 90."
    SEC005 "002" Secret Error Type "the next rotation does not follow from the last" "The next rotation of a secret is due `rotation_schedule_days` after the last, and never where there was none."
    SEC006 "002" Secret Warning Plan "the rotation is overdue" "A secret is rotated before its next rotation is due."
    SEC007 "002" Secret Error Type "the value of the secret would be recorded" "What is recorded of a secret never holds its value."
    SEC008 "002" Secret Error Apply "the mask of a secret cannot be written" "In GitHub Actions, secrets are handed to a program that may print them only after the commands that mask them were written to its log."
    SEC009 "002" Secret Error Apply "the secrets cannot be read for use" "A secret that is read for use comes from a file whose MAC is right, exists in memory only, and is gone when the run ends."
    SEC010 "002" Secret Error Plan "the environment of the secret is not registered" "A secret belongs to an environment that is registered; one that is not active is never overdue."

    INF001 "000" InfrastructureResource Error Type "the AWS type is unknown" "A resource of AWS has a type that Terraform or CloudFormation knows, such as `aws_ecs_service` or `AWS::ECS::Service`."
    INF002 "000" InfrastructureResource Error Type "the AWS region is unknown" "A resource of AWS is in a known region of AWS."
    INF003 "000" InfrastructureResource Error Plan "a required tag is missing" "A resource of AWS has every tag of the provider's `required_tags`, which are `Environment` and `Project` where nothing else is configured."
    INF004 "000" InfrastructureResource Error Type "the status is unknown" "A resource of AWS is `pending`, `created`, `updated`, `destroyed` or `failed`."
    INF005 "000" InfrastructureResource Error Type "the status cannot change in this way" "A pending resource is created or fails; one that was created or updated can be updated or destroyed; nothing else happens to it."
    INF006 "000" InfrastructureResource Error Plan "nobody reviewed the change" "A change of infrastructure carries a review, with who made it and where, that is newer than the last change."
    INF007 "000" InfrastructureResource Error Plan "the Terraform state is not named by its ID" "A resource names the Terraform state that manages it by the ID of that state."
    INF020 "002" InfrastructureResource Error Type "the ID is not that of the Azure resource" "The ID of a resource of Azure is an Azure resource ID of its type and name."
    INF021 "002" InfrastructureResource Error Type "the Azure type is unknown" "A resource of Azure is an `AppService`, `SqlDatabase`, `BlobStorage`, `KeyVault`, `ApplicationInsights`, `CDN` or `AppServicePlan`."
    INF022 "002" InfrastructureResource Error Type "the name is not one that Azure allows" "A resource of Azure has a name that Azure allows for its type."
    INF023 "002" InfrastructureResource Error Type "the Azure region is unknown" "A resource of Azure is in a known region of Azure."
    INF024 "002" InfrastructureResource Error Plan "the environment of the resource is not registered" "A resource is part of an environment that is registered; one of AWS may be part of none."
    INF025 "002" InfrastructureResource Error Type "the configuration is not a JSON object" "The configuration of a resource is a JSON object of at most 64 KiB."
    INF026 "002" InfrastructureResource Error Type "the status is unknown" "A resource of Azure is `provisioning`, `ready`, `failed` or `deleting`."
    INF027 "002" InfrastructureResource Error Type "the last change is older than the resource" "No change of a resource is older than what was recorded of it before."
    INF028 "002" InfrastructureResource Error Plan "a reference leads nowhere or back" "What a resource refers to is on record, and does not refer back to it, by whatever way."

    SCY001 "001" Environment Error Read "a secrets file is not fully encrypted" "Every secrets file below `environments/` is encrypted with SOPS."
    SCY002 "001" MaintenanceTask Error Apply "a credential stands in a script" "What CI runs holds no credential: scripts, workflows and Dockerfiles are searched by the security audit."
    SCY003 "001" VersionTag Error Apply "an environment tag would be changed outside CI" "On a remote, environment tags are created and moved by CI and not by hand."
    SCY004 "001" VersionTag Error Apply "the use of the override is not in the audit log" "Every override is written to the audit log: who, when, what and why."

    TSK001 "002" Migration Error Apply "migrations would run a second time" "Migrations run in order before the version is brought into service, and their start is recorded. The first failure ends the deployment with nothing rolled out; what a killed deployment had begun runs again only when `redeploy_after` asks for it."
    TSK002 "002" Migration Error Apply "what became of the migrations does not fit their runs" "A deployment says what became of its migrations: they were not required, succeeded, failed, or were rolled back in reverse order after a later step failed and the target was put back."
    TSK003 "004" Test Error Apply "a test of the deployment failed" "The tests of a deployment run when the version is in service; a failed test fails the deployment, which is then put back."
    TSK004 "derived" Task Error Apply "a command cannot run, or did not end, as it should" "A command ends by its time-out or by an interruption of the run, with all its children; its output is limited, and no secret in it reaches state, record or message."

    STK001 "004" Stack Error Apply "the stacks have no order" "Stacks are deployed in the order that the deployment gives, each once; the first failure stops the rest, and those already changed are put back."
    STK002 "004" Stack Error Plan "a protected resource would be lost" "What a change set would replace or delete of the resources that `protect` lists is refused, before it is executed; with `plan_change_set` already at plan."
    STK003 "004" Stack Error Apply "what the template hides would be shown" "The outputs of each stack and its events are in the result of the deployment, without what its template hides."

    POL001 "derived" Policy Error Plan "there are not enough approvals" "A deployment carries as many approvals as its environment asks for, of different people, each under their own name and for exactly this commit; the one who triggered it counts only where the policy allows."
    POL002 "derived" Policy Error Apply "an approval does not count any more" "Approvals are counted again at the claim; one that is too old, withdrawn or rejected does not count, and a standing rejection blocks."
    POL003 "derived" Policy Error Apply "a freeze is on, or is not valid" "No deployment begins in a freeze, which is a stretch of time by the clocks of a time zone; a plan warns of one. What runs when it begins runs to its end, and a version that ran there may be gone back to."
    POL004 "derived" Policy Error Plan "the version skips an environment" "A version reaches an environment only after those that come before it; what the same plan deploys there first counts, and a version that ran there may be gone back to."
    POL005 "derived" Policy Error Plan "the version has not run long enough before" "A version has run in the environments before for as long as the policy asks, without a break, before it goes on."
    POL006 "derived" Policy Error Plan "the order of environments is circular" "No environment comes before itself, by whatever way, over all that are registered."
    POL007 "derived" Policy Error Apply "a newer version superseded this one in the queue" "Where the policy of the environment says so, a newer version that enters the queue supersedes the older ones of its sub-project that wait there; they are recorded as cancelled, with the reason."
    POL008 "derived" Override Error Plan "the override is not valid" "An override says why, and who answers for it, which is never who acts. It may be limited to rules, subjects and a time, the plan announces each rule that it lifts from each object, and the audit log keeps it. It never lifts what protects queues, secrets or one deployment at a time."

    OBS001 "004" Telemetry Error Apply "what ended was not told to telemetry" "A deployment or a run that ended is told to the telemetry that is configured: its count and duration with environment, stack and status, and an entry for each stage with time, workflow ID, stage and message."
    OBS002 "derived" Telemetry Warning Apply "telemetry could not be delivered" "Telemetry that cannot be delivered is a warning, takes seconds at most, and never changes what became of a deployment; it carries no secret."

    OWN001 "derived" VersionConstraint Error Type "the version constraint is not valid" "A version constraint is a comma-separated list of versions, each after one of `=`, `!=`, `>`, `>=`, `<`, `<=`, `~>`."
    OWN002 "derived" Deployment Error Plan "an older version would replace a newer one" "An older version replaces a newer one only when the configuration allows it."
    OWN003 "derived" Value Error Type "the name of the actor is not valid" "An actor has a name, on one line and without angle brackets."
    OWN004 "derived" Value Error Type "the ref is not named in full" "A ref is named in full, from `refs/` on, as git accepts it."
    OWN005 "derived" Version Error Type "the part to raise is unknown" "The part of a version to raise is `major`, `minor`, `patch` or `prerelease`."
    OWN006 "derived" VersionTag Error Plan "the remote does not know the commit" "A version or state tag on a remote stands on a commit to which a branch or a tag of the remote leads."
    OWN010 "derived" Deployment Error Plan "the ECS cluster is missing or not active" "A deployment to ECS names a cluster that exists and is active."
    OWN011 "derived" Deployment Error Plan "the ECS service is missing or not active" "A deployment to ECS names a service that exists in its cluster and is active."
    OWN012 "derived" Deployment Error Plan "the container is not in the task definition" "A deployment to ECS names a container of the revision that the service runs."
    OWN013 "derived" Deployment Error Plan "ECS does not roll out this service itself" "A service of ECS is deployed to only where ECS itself rolls out: the controllers `CODE_DEPLOY` and `EXTERNAL` are refused."
    OWN014 "derived" Deployment Error Plan "the ECS service is scaled to zero" "A service of ECS that is deployed to wants at least one task."
    OWN015 "derived" Deployment Error Plan "the revision to put back is not active" "The revision that a failed deployment to ECS would put back is ACTIVE, where there is one."
    OWN016 "derived" Deployment Error Type "the container image is not valid" "A container image is a repository with a tag, a digest or both."
    OWN017 "derived" Deployment Error Type "ECS does not accept the name" "Clusters, services, containers and their variables have names that ECS takes."
    OWN018 "derived" Deployment Error Type "a variable of the container is set twice" "A variable of a container is set once, plainly or from a store of secrets."
    OWN019 "derived" Deployment Error Type "a secret is given by something other than its place" "A secret is given by the place where it is kept, never by its value."
    OWN020 "derived" ArtifactMetadata Error Plan "the artifact exists with other bytes" "An artifact of a commit never changes: other bytes belong to another commit or another path."
    OWN021 "derived" Value Error Type "the bucket name is not valid" "A bucket has a name that S3 allows."
    OWN022 "derived" ArtifactMetadata Error Type "the artifact type is not valid" "The type of an artifact is lower-case words joined by hyphens."
    OWN030 "derived" Value Error Type "the AWS region is unknown" "The AWS region that is used is a known one."
    OWN031 "derived" Value Error Type "the ARN of the role is not valid" "A role to assume is named by its ARN, with the account that it belongs to."
    OWN032 "derived" Value Error Type "the session name is not valid" "The session of an assumed role has a name of 2 to 64 characters that IAM allows."
    OWN033 "derived" TerraformState Error Type "a setting of the backend is missing or out of place" "A backend gets the settings that it needs, and no other backend's."
    OWN034 "derived" TerraformState Error Read "the state file cannot be read" "A state file is read when it is whole, not encrypted, of format version 4 and no larger than 256 MiB."
    OWN035 "derived" DeploymentResult Error Type "the stack name is not valid" "A stack is named as CloudFormation allows it, or by its ARN."
    OWN037 "derived" Deployment Error Plan "the timeout is shorter than the bake time" "A rollout on ECS may take longer than the service bakes new tasks."
    OWN040 "derived" Deployment Error Plan "the version was rolled back here before" "A version that was taken back from an environment is deployed there again only when the configuration names the deployment after which it is."
    OWN041 "derived" Deployment Error Type "the expected body is not a usable expression" "The body that a health check expects is a regular expression of limited size that does not match everything."
    OWN042 "derived" DeploymentStateRecord Error Type "the deployment-state file is not valid" "A deployment-state file is a JSON object whose known fields have the right types."
    OWN043 "derived" SharedSettings Error Plan "the configurations disagree on shared settings" "All configurations of a repository agree on the names of environments that have tags, and on whether pre-releases are version tags."
    OWN044 "derived" Deployment Error Type "the entity cannot be told in these words" "The JSON of an entity has the fields of the system that it is of; what a system needs and nobody told cannot be said in its words."
    OWN045 "derived" PipelineRun Error Plan "what is on record of the run would change" "A run keeps its commit, and nothing changes any more in what is on record of a run that is over."
    OWN046 "derived" Value Error Plan "a URL with a secret would be recorded" "What is recorded holds no URL with a user, a password or a token."
    OWN047 "derived" Value Error Plan "the name cannot be told from another one" "A name has no letters that nobody sees, and differs from others of its kind by more than case."
    OWN050 "derived" Stack Error Plan "the stack cannot be deployed as it is given" "A stack has a template that can be read, from a file of the repository or from S3, a value for each parameter without a default, and no others."
    OWN055 "derived" Deployment Error Plan "there is nothing to fix" "A deployment that fixes another one names it by its ID on record: one that failed, that was taken back, or that brought into service what has to be fixed. The rework rate of DORA counts it."
    OWN056 "derived" Telemetry Error Type "the endpoint of telemetry is not valid" "Telemetry goes to an HTTP or HTTPS endpoint without credentials or a query in it; a token is a header."
    OWN057 "derived" Deployment Error Plan "records do not say how to deploy it" "What is promoted or rolled back without its configuration goes to where the newest success there went, by the same health check; what its record does not hold is not guessed."
    OWN058 "derived" Deployment Error Plan "the lock is not one to be released" "The lock of an environment is released by hand only when the deployment that was named holds it, and gave no sign of life for the whole of its lease."
}
