//! The scripts of a workflow. Each is a fixed text: what differs comes in environment variables, or as
//! arguments, which the shell never reads as its own words.

/// Fetches the commit that is built, into the empty working directory.
macro_rules! checkout {
    () => {
        "set -euo pipefail\n\
         git init --quiet .\n\
         git fetch --quiet --depth=1 -- \"$REPO_URL\" \"$COMMIT_SHA\"\n\
         git checkout --quiet --detach FETCH_HEAD\n"
    };
}

/// Runs each command of the arguments: how many words it has, then the words.
macro_rules! commands {
    () => {
        "while [ \"$#\" -gt 0 ]; do\n\
         \x20 count=$1\n\
         \x20 shift\n\
         \x20 \"${@:1:count}\"\n\
         \x20 shift \"$count\"\n\
         done\n"
    };
}

/// Builds, stores what was built below the commit, and says where.
pub(super) const BUILD: &str = concat!(
    checkout!(),
    commands!(),
    "artifact_path=\"s3://$ARTIFACT_BUCKET/$COMMIT_SHA/\"\n\
     aws s3 cp --recursive --only-show-errors --exclude '.git/*' --exclude 'node_modules/*' . \"$artifact_path\"\n\
     printf '%s' \"$artifact_path\" > /tmp/artifact-path\n"
);

/// Deploys the stacks of the arguments, name and file of each, one after another, and gives their outputs.
pub(super) const DEPLOY: &str = concat!(
    checkout!(),
    "account=$(aws sts get-caller-identity --query Account --output text)\n\
     if [ \"$account\" != \"$AWS_ACCOUNT\" ]; then\n\
     \x20 printf 'The credentials are of account %s; %s belongs to account %s.\\n' \\\n\
     \x20   \"$account\" \"$ENVIRONMENT\" \"$AWS_ACCOUNT\" >&2\n\
     \x20 exit 1\n\
     fi\n\
     npm ci\n\
     outputs=()\n\
     while [ \"$#\" -gt 0 ]; do\n\
     \x20 stack=$1\n\
     \x20 file=$2\n\
     \x20 shift 2\n\
     \x20 [ -e \"$file\" ] || { printf 'There is no file %s for stack %s.\\n' \"$file\" \"$stack\" >&2; exit 1; }\n\
     \x20 into=/tmp/outputs-${#outputs[@]}.json\n\
     \x20 npx cdk deploy --exclusively --require-approval never --outputs-file \"$into\" -- \"$stack\"\n\
     \x20 outputs+=(\"$into\")\n\
     done\n\
     node -e '\n\
     \x20 const fs = require(\"fs\");\n\
     \x20 const read = (file) => (fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, \"utf8\")) : {});\n\
     \x20 const all = Object.assign({}, ...process.argv.slice(1).map(read));\n\
     \x20 fs.writeFileSync(\"/tmp/stack-outputs.json\", JSON.stringify(all));\n\
     ' -- \"${outputs[@]}\"\n"
);

/// Tests an environment after its stacks were deployed.
pub(super) const TEST: &str = concat!(checkout!(), commands!());
