//! Runs the system's `git`, for transport and for ref transactions.
//!
//! The child speaks one language, asks nobody anything, and stands in a process group of its own:
//! an interrupt at the terminal must not cut a push in the middle. No shell is involved, and no
//! value of a user's can become an option: names are checked, and options end before them.

mod ask;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::OnceCell;

use super::call::{CallEnd, GitCall, Observer};
use super::interruption::Interruption;
use super::parse;
use super::redact::{redact, redact_known};
use super::settings::Settings;
use crate::base::cause::Cause;
use crate::base::foreign;
use crate::command::Group;
use crate::git::error::GitError;

/// Since 2.30 one `update-ref --stdin` may carry several transactions; `fetch --stdin` is older.
const LEAST: (u32, u32) = (2, 30);
const LEAST_TEXT: &str = "2.30";

/// Variables that would point git at another repository than the one that was opened.
const FOREIGN: [&str; 13] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
    // Would be asked for a password in a window.
    "SSH_ASKPASS",
];

/// What the names of AWS's variables begin with: git has no use for those keys, nor has a hook.
const OF_AWS: &str = "AWS_";

/// The proxy of plain HTTP, as git knows it.
const SMALL: &str = "http_proxy";

/// How long `git version` may take.
const VERSION_PATIENCE: Duration = Duration::from_secs(30);

/// How much a call may say: the names of about a million refs.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;

/// How much of what a call complains of is kept.
const LARGEST_COMPLAINT: usize = 64 * 1024;

/// Settings that would make a command do more than it is asked to.
const OFF: [&str; 7] = [
    "gc.auto=0",
    "maintenance.auto=false",
    "core.fsmonitor=false",
    "fetch.writeCommitGraph=false",
    "push.followTags=false",
    "push.negotiate=false",
    "submodule.recurse=false",
];

/// The program, and how it is run.
#[derive(Debug)]
pub(crate) struct Git {
    program: OsString,
    environment: Vec<(OsString, OsString)>,
    timeout: Duration,
    observer: Observer,
    interruption: Interruption,
    checked: OnceCell<()>,
    /// URLs of remotes, which may carry credentials.
    urls: Vec<String>,
}

/// One call of git in one repository.
pub(crate) struct Call<'a> {
    /// The repository's own directory.
    pub(crate) git_dir: &'a Path,
    /// Where relative paths of remotes start.
    pub(crate) directory: &'a Path,
    /// More settings, each `key=value`.
    pub(crate) settings: Vec<String>,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) stdin: Vec<u8>,
    /// More variables.
    pub(crate) variables: Vec<(OsString, OsString)>,
    /// Object stores to read beside the repository's own.
    pub(crate) beside: &'a [PathBuf],
}

impl Call<'_> {
    /// Whether it changes another repository: then its end is awaited, whoever gives up.
    fn is_push(&self) -> bool {
        self.arguments.first().is_some_and(|command| command == "push")
    }

    /// Whether packing is what it is for.
    fn is_tidying(&self) -> bool {
        self.arguments.first().is_some_and(|command| command == "gc")
    }
}

/// What a finished call left.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) end: CallEnd,
    pub(crate) stdout: Vec<u8>,
    /// Without credentials.
    pub(crate) stderr: String,
}

impl Answer {
    fn of(status: ExitStatus, stdout: Vec<u8>, stderr: &[u8], urls: &[String]) -> Self {
        let end = status.code().map_or(CallEnd::Killed, CallEnd::Exited);
        Self { end, stdout, stderr: redact_known(&String::from_utf8_lossy(stderr), urls) }
    }

    pub(crate) fn success(&self) -> bool {
        self.end == CallEnd::Exited(0)
    }

    /// The one line that git answered with success.
    pub(crate) fn line(&self) -> Option<&str> {
        let text = std::str::from_utf8(&self.stdout).ok().filter(|_| self.success())?;
        Some(text.trim_end_matches(['\n', '\r'])).filter(|line| !line.is_empty())
    }

    fn failed(&self) -> bool {
        !matches!(self.end, CallEnd::Exited(0) | CallEnd::Waiting)
    }

    /// What to tell people: the last lines of what git, a hook or a server said, fit to be shown.
    pub(crate) fn detail(&self) -> String {
        let lines: Vec<&str> =
            self.stderr.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
        match lines.get(lines.len().saturating_sub(8)..).unwrap_or_default() {
            [] => "git said nothing".to_owned(),
            last => foreign::said(&last.join("\n")),
        }
    }
}

impl Git {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            program: settings.program.clone(),
            environment: settings.environment.clone(),
            timeout: settings.timeout,
            observer: settings.observer.clone(),
            interruption: settings.interruption.clone(),
            checked: OnceCell::new(),
            urls: Vec::new(),
        }
    }

    /// Hides what is secret in these URLs, as they are written.
    pub(crate) fn hiding(mut self, urls: Vec<String>) -> Self {
        self.urls = urls;
        self
    }

    /// How long one call may take.
    pub(crate) const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Runs a call to its end.
    pub(crate) async fn run(&self, call: Call<'_>) -> Result<Answer, GitError> {
        self.check_version().await?;
        let begun = Instant::now();
        let mut child = self.start(&call, Stdio::piped())?;
        // A push in doubt is awaited, whoever gives up; everything else ends with whom it is for.
        let mut group = if call.is_push() { None } else { Some(Group::of(&child)) };
        let answer = self.communicate(&mut child, &call.stdin);
        let answer = match tokio::time::timeout(self.timeout, answer).await {
            Ok(answered) => {
                let answer = answered.map_err(|error| self.not_installed(error))?;
                // Its number may be another's by now, unless it still speaks.
                if answer.end == CallEnd::TooMuch {
                    group = Some(Group::of(&child));
                } else if let Some(group) = &mut group {
                    group.is_over();
                }
                answer
            }
            Err(_) => {
                group = Some(Group::of(&child));
                let stderr = format!("git gave no answer within {} s", self.timeout.as_secs());
                Answer { end: CallEnd::TimedOut, stdout: Vec::new(), stderr }
            }
        };
        drop(group);
        self.tell(&call.arguments, begun, call.stdin.len(), &answer);
        Ok(answer)
    }

    /// Tells the observer of a run, or of one transaction of a run that goes on.
    pub(crate) fn tell(
        &self,
        arguments: &[OsString],
        begun: Instant,
        bytes_sent: usize,
        answer: &Answer,
    ) {
        self.observer.tell(|| GitCall {
            arguments: arguments.iter().map(|text| redact(&text.to_string_lossy())).collect(),
            end: answer.end,
            took: begun.elapsed(),
            bytes_sent,
            bytes_received: answer.stdout.len(),
            detail: answer.failed().then(|| answer.detail()),
        });
    }

    /// Starts a call that goes on as long as its standard input is open.
    pub(crate) async fn converse(&self, call: Call<'_>) -> Result<Child, GitError> {
        self.check_version().await?;
        self.start(&call, Stdio::piped())
    }

    fn start(&self, call: &Call<'_>, stderr: Stdio) -> Result<Child, GitError> {
        let mut command = self.command();
        command.current_dir(call.directory).arg("--git-dir").arg(call.git_dir);
        let off = if call.is_tidying() { &[] } else { OFF.as_slice() };
        for setting in off.iter().copied().chain(call.settings.iter().map(String::as_str)) {
            command.arg("-c").arg(setting);
        }
        if !call.beside.is_empty() {
            command.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", list(call.beside));
        }
        command.envs(call.variables.iter().map(|(name, value)| (name, value)));
        command.args(&call.arguments).stderr(stderr).kill_on_drop(false);
        command.spawn().map_err(|error| self.not_installed(error))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped());
        for name in FOREIGN {
            command.env_remove(name);
        }
        let of_aws = |name: &OsString| name.to_string_lossy().starts_with(OF_AWS);
        for name in std::env::vars_os().map(|(name, _)| name).filter(of_aws) {
            command.env_remove(name);
        }
        let plain = proxy_of_plain_http(|name| std::env::var_os(name));
        command.envs(plain.map(|proxy| (SMALL, proxy)));
        command.env("LC_ALL", "C").env("LANGUAGE", "C");
        command.env("GIT_TERMINAL_PROMPT", "0").env("GCM_INTERACTIVE", "never");
        command.env("GIT_OPTIONAL_LOCKS", "0");
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    async fn check_version(&self) -> Result<(), GitError> {
        self.checked.get_or_try_init(|| self.read_version()).await.copied()
    }

    async fn read_version(&self) -> Result<(), GitError> {
        let begun = Instant::now();
        let mut command = self.command();
        command.arg("version").stdin(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| self.not_installed(error))?;
        let mut group = Group::of(&child);
        let patience = self.timeout.min(VERSION_PATIENCE);
        let Ok(output) = tokio::time::timeout(patience, self.communicate(&mut child, &[])).await
        else {
            let silence = format!("`git version` gave no answer within {} s", patience.as_secs());
            return Err(self.not_installed(std::io::Error::other(silence)));
        };
        group.is_over();
        let output = output.map_err(|error| self.not_installed(error))?;
        self.tell(&["version".into()], begun, 0, &output);
        match parse::version(&output.stdout) {
            Some(version) if version >= LEAST => Ok(()),
            _ => Err(GitError::TooOld {
                found: String::from_utf8_lossy(&output.stdout).trim().replacen(
                    "git version ",
                    "",
                    1,
                ),
                least: LEAST_TEXT,
            }),
        }
    }

    fn not_installed(&self, error: std::io::Error) -> GitError {
        GitError::NotInstalled {
            program: self.program.to_string_lossy().into_owned(),
            least: LEAST_TEXT,
            source: Cause::new(error),
        }
    }

    /// Feeds a child, reads all it says and waits for its end.
    async fn communicate(&self, child: &mut Child, input: &[u8]) -> std::io::Result<Answer> {
        let (stdin, out, err) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let talk = async {
            let (said, ()) = tokio::join!(read_all(out), feed(stdin, input));
            said
        };
        let complaints = read_last(err);
        tokio::pin!(talk, complaints);
        let said = tokio::select! {
            said = &mut talk => said?,
            // It may complain and still have something to say.
            complaints = &mut complaints => {
                let (complaints, said) = (complaints?, talk.await?);
                return self.answer(child, said, &complaints).await;
            }
        };
        // Who says too much is not listened to any longer.
        let complaints = if said.is_some() { complaints.await? } else { Vec::new() };
        self.answer(child, said, &complaints).await
    }

    async fn answer(
        &self,
        child: &mut Child,
        said: Option<Vec<u8>>,
        complaints: &[u8],
    ) -> std::io::Result<Answer> {
        match said {
            Some(said) => Ok(Answer::of(child.wait().await?, said, complaints, &self.urls)),
            None => {
                let stderr = format!(
                    "git said more than {LARGEST_ANSWER} bytes, which is the most that is read"
                );
                Ok(Answer { end: CallEnd::TooMuch, stdout: Vec::new(), stderr })
            }
        }
    }

    /// Whether a person or the environment said how ssh is to be run.
    pub(crate) fn has_ssh_command(&self) -> bool {
        let names = ["GIT_SSH_COMMAND", "GIT_SSH"];
        names.iter().any(|name| {
            std::env::var_os(name).is_some()
                || self.environment.iter().any(|(own, _)| own == OsStr::new(name))
        })
    }

    /// Keeps ssh from asking.
    pub(crate) fn without_ssh_prompts(mut self) -> Self {
        self.environment.push(("GIT_SSH_COMMAND".into(), "ssh -o BatchMode=yes".into()));
        self
    }
}

async fn feed(stdin: Option<ChildStdin>, input: &[u8]) {
    if let Some(mut pipe) = stdin {
        // A child that stopped reading says why on its standard error.
        let _ = pipe.write_all(input).await;
    }
}

/// All that comes; `None`: more than is taken.
async fn read_all(pipe: Option<impl AsyncRead + Unpin>) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let Some(pipe) = pipe else { return Ok(Some(bytes)) };
    pipe.take(LARGEST_ANSWER as u64 + 1).read_to_end(&mut bytes).await?;
    Ok((bytes.len() <= LARGEST_ANSWER).then_some(bytes))
}

/// The end of what comes, which is read to its end.
pub(super) async fn read_last(pipe: Option<impl AsyncRead + Unpin>) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let Some(mut pipe) = pipe else { return Ok(bytes) };
    while pipe.read_buf(&mut bytes).await? > 0 {
        if bytes.len() > 2 * LARGEST_COMPLAINT {
            bytes.drain(..bytes.len() - LARGEST_COMPLAINT);
        }
    }
    Ok(bytes)
}

/// Paths as git reads a list of them: `:` separates, quotes protect.
fn list(paths: &[PathBuf]) -> OsString {
    let mut list = OsString::new();
    for path in paths {
        if !list.is_empty() {
            list.push(":");
        }
        match path.to_str() {
            Some(text) if text.contains([':', '"', '\\']) => {
                let text = text.replace('\\', "\\\\").replace('"', "\\\"");
                list.push(format!("\"{text}\""));
            }
            _ => list.push(path),
        }
    }
    list
}

/// The proxy that git would overlook: it knows the one of plain HTTP in small letters alone, since a web
/// server gives its programs a header of the client as `HTTP_PROXY`.
fn proxy_of_plain_http(variable: impl Fn(&str) -> Option<OsString>) -> Option<OsString> {
    let of_a_web_server = variable("REQUEST_METHOD").is_some();
    let overlooked = variable(SMALL).is_none() && !of_a_web_server;
    variable("HTTP_PROXY").filter(|_| overlooked)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn tells_no_credential() {
        let told = Arc::new(std::sync::Mutex::new(Vec::new()));
        let calls = Arc::clone(&told);
        let observer = Observer::by(move |call| calls.lock().unwrap().push(call.clone()));
        let git = Git::new(&Settings { observer, ..Settings::default() });
        let stderr = b"fatal: unable to access 'https://bot:s3cret@example.com/a.git/'";
        let failed = Answer::of(ExitStatus::default(), Vec::new(), stderr, &[]);
        let failed = Answer { end: CallEnd::Exited(128), ..failed };
        let arguments = ["ls-remote", "--", "https://bot:s3cret@example.com/a.git"];
        git.tell(&arguments.map(Into::into), Instant::now(), 0, &failed);
        let told = format!("{:?}", told.lock().unwrap());
        assert!(told.contains("https://***@example.com/a.git"), "{told}");
        assert!(told.contains("unable to access") && !told.contains("s3cret"), "{told}");
    }

    #[test]
    fn names_the_proxy_that_git_overlooks() {
        let found = |set: &[&str]| {
            let set = set.to_vec();
            proxy_of_plain_http(move |name| set.contains(&name).then(|| name.into()))
        };
        assert_eq!(found(&["HTTP_PROXY"]), Some("HTTP_PROXY".into()));
        assert_eq!(found(&["HTTP_PROXY", "http_proxy"]), None);
        assert_eq!(found(&["HTTP_PROXY", "REQUEST_METHOD"]), None);
        assert_eq!(found(&["HTTPS_PROXY"]), None);
    }

    #[test]
    fn lists_paths_of_any_name() {
        let listed = |paths: &[&str]| {
            let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
            list(&paths).into_string().unwrap()
        };
        assert_eq!(listed(&["/a b", "/ü"]), "/a b:/ü");
        assert_eq!(listed(&["/a:b", "/c\"d\\e"]), r#""/a:b":"/c\"d\\e""#);
    }
}
