//! Finds the repository that is meant, and opens it.
//!
//! A path leads to a clone or a bare repository; a URL to a bare copy in the user's cache, made on
//! first use. Nothing is fetched here.

use std::ffi::OsString;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use git2::{ErrorClass, ErrorCode, ObjectType, Oid};

use super::command::{Answer, Git};
use super::fetch::Destination;
use super::redact::redact;
use super::settings::Settings;
use super::side_store::Places;
use crate::base::cause::Cause;
use crate::base::suggest::did_you_mean;
use crate::git::error::GitError;

/// A repository on this machine.
pub(crate) struct Opened {
    pub(crate) git2: git2::Repository,
    /// The name of the remote that holds the truth.
    pub(crate) remote: Option<String>,
    /// Whether it is a copy in the cache, which nobody else uses.
    pub(crate) is_cache: bool,
}

/// Opens what `location` says: a path, a URL, or nothing for the repository around the working
/// directory.
pub(crate) fn open(
    location: Option<&str>,
    remote: Option<&str>,
    settings: &Settings,
) -> Result<Opened, GitError> {
    match location {
        Some(url) if is_url(url) => open_cache(url, settings),
        Some(path) => open_path(Path::new(path), remote, settings),
        None => open_path(Path::new("."), remote, settings),
    }
}

/// Whether a location is a URL: `scheme://…`, or `host:path` where no such file exists.
pub(crate) fn is_url(location: &str) -> bool {
    if location.contains("://") {
        return true;
    }
    let Some((host, _)) = location.split_once(':') else { return false };
    !host.is_empty() && !host.contains('/') && !Path::new(location).exists()
}

fn open_path(path: &Path, remote: Option<&str>, settings: &Settings) -> Result<Opened, GitError> {
    let git2 = match git2::Repository::discover(path) {
        Err(error) if error.code() == ErrorCode::Owner => open_foreign(path, settings)?,
        other => other.map_err(|error| open_error(path, error))?,
    };
    let remote = choose_remote(&git2, remote)?;
    Ok(Opened { git2, remote, is_cache: false })
}

/// Opens a repository of another user, if git trusts it: variables may say so, which the library does not
/// read.
fn open_foreign(path: &Path, settings: &Settings) -> Result<git2::Repository, GitError> {
    let git = Git::new(settings);
    let failed = |error| open_error(path, error);
    let answer = git.ask(path, &["rev-parse", "--absolute-git-dir"]);
    let Some(git_dir) = answer.as_ref().and_then(Answer::line) else {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        return Err(GitError::NotTrusted { path, said: answer.map(|answer| answer.detail()) });
    };
    let git2 = git2::Repository::open_bare(git_dir).map_err(failed)?;
    if let Some(top) =
        git.ask(path, &["rev-parse", "--show-toplevel"]).as_ref().and_then(Answer::line)
    {
        git2.set_workdir(Path::new(top), false).map_err(failed)?;
    }
    Ok(git2)
}

/// Opens exactly the repository at `path`, with its own ownership checks.
pub(crate) fn open_exactly(path: &Path) -> Result<git2::Repository, GitError> {
    let flags = git2::RepositoryOpenFlags::NO_SEARCH;
    git2::Repository::open_ext(path, flags, std::iter::empty::<OsString>())
        .map_err(|error| open_error(path, error))
}

/// Where what is missing here goes when it is fetched.
pub(crate) fn fetched_into(git2: &git2::Repository, is_cache: bool) -> Destination {
    match is_cache {
        true => Destination::Cache,
        false if git2.is_shallow() || is_partial(git2) => Destination::Beside(Places::of(git2)),
        false => Destination::Clone,
    }
}

/// Whether a remote has promised what was left out of the clone.
fn is_partial(git2: &git2::Repository) -> bool {
    let promised = || {
        let config = git2.config()?;
        let mut entries = config.entries(Some(r"^remote\..*\.promisor$"))?;
        Ok::<_, git2::Error>(entries.next().is_some())
    };
    promised().unwrap_or(false)
}

fn open_error(path: &Path, error: git2::Error) -> GitError {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if error.code() == ErrorCode::Owner {
        return GitError::NotTrusted { path, said: None };
    }
    if error.code() == ErrorCode::NotFound {
        return GitError::NoRepository { path };
    }
    let format = ["extension", "object format", "repository version"];
    let is_format = format.iter().any(|sign| error.message().contains(sign));
    if error.class() == ErrorClass::Repository && is_format {
        return GitError::UnsupportedFormat { path, detail: unsupported(error.message()) };
    }
    GitError::unusable(path, error)
}

fn unsupported(message: &str) -> String {
    if message.contains("partialclone") {
        return "a partial clone: clone again without `--filter`".to_owned();
    }
    message.to_owned()
}

fn choose_remote(
    git2: &git2::Repository,
    wanted: Option<&str>,
) -> Result<Option<String>, GitError> {
    if wanted == Some("") {
        return Ok(None);
    }
    let names = git2.remotes().map_err(|error| GitError::local("read the remotes", error))?;
    let known: Vec<String> = names.iter().flatten().flatten().map(str::to_owned).collect();
    let Some(name) = wanted else {
        return Ok(known.into_iter().find(|name| name == "origin"));
    };
    if known.iter().any(|other| other == name) {
        return Ok(Some(name.to_owned()));
    }
    let suggestion = did_you_mean(name, known.iter().map(String::as_str)).map(str::to_owned);
    Err(GitError::NoRemote { name: redact(name), known, suggestion })
}

/// The name of the remote in a cached copy.
const CACHED_REMOTE: &str = "origin";

fn open_cache(url: &str, settings: &Settings) -> Result<Opened, GitError> {
    check_url(url)?;
    let root = cache_root(settings)?;
    prepare_private(&root)?;
    let path = root.join(cache_name(url));
    if !path.exists() {
        make_cache(url, &path)?;
    }
    let git2 = open_exactly(&path)?;
    Ok(Opened { git2, remote: Some(CACHED_REMOTE.to_owned()), is_cache: true })
}

fn check_url(url: &str) -> Result<(), GitError> {
    let invalid = |reason| GitError::InvalidArgument { what: "a URL", value: redact(url), reason };
    if url.starts_with('-') {
        return Err(invalid("it starts with a dash"));
    }
    if url.contains("::") && !url.contains("://") {
        return Err(invalid("remote helpers are not supported"));
    }
    if url.chars().any(char::is_control) {
        return Err(invalid("it holds control characters"));
    }
    Ok(())
}

fn cache_root(settings: &Settings) -> Result<PathBuf, GitError> {
    if let Some(root) = &settings.cache_dir {
        return Ok(root.clone());
    }
    let absolute =
        |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    absolute("XDG_CACHE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
        .map(|cache| cache.join("pipeline").join("git"))
        .ok_or_else(|| GitError::Files {
            path: PathBuf::from("~/.cache"),
            source: Cause::said("neither XDG_CACHE_HOME nor HOME is set"),
        })
}

/// A folder name that people recognise and that no other URL has.
fn cache_name(url: &str) -> String {
    let tail = url.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default();
    let tail = tail.strip_suffix(".git").unwrap_or(tail);
    let safe: String =
        tail.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).take(40).collect();
    let hash = Oid::hash_object(ObjectType::Blob, url.as_bytes()).map(|oid| oid.to_string());
    format!("{safe}-{}.git", hash.unwrap_or_default())
}

/// Makes an empty copy beside its place and moves it there whole: of several processes that do
/// this at once, one wins and the others use what it made.
fn make_cache(url: &str, path: &Path) -> Result<(), GitError> {
    let files = |error: std::io::Error| GitError::files(path, error);
    let local = |error: git2::Error| GitError::local("prepare the cache", error);
    let root = path.parent().unwrap_or(path);
    let draft = root.join(format!(".new-{}-{}", std::process::id(), super::nonce::nonce()));
    {
        let repository = git2::Repository::init_bare(&draft).map_err(local)?;
        let mut config = repository.config().map_err(local)?;
        config.set_str(&format!("remote.{CACHED_REMOTE}.url"), url).map_err(local)?;
        config.set_bool("core.logAllRefUpdates", false).map_err(local)?;
        // Objects wait here for their next use, referred to or not.
        config.set_i32("gc.auto", 0).map_err(local)?;
    }
    let moved = std::fs::rename(&draft, path);
    if moved.is_err() {
        let _ = std::fs::remove_dir_all(&draft);
    }
    match moved {
        Err(_) if path.exists() => Ok(()),
        other => other.map_err(files),
    }
}

/// The URL of a copy may carry a credential, and what a copy says is believed: only the user may look and
/// write. A folder that somebody else could have made or filled is refused.
fn prepare_private(folder: &Path) -> Result<(), GitError> {
    let refused = |reason: &str| GitError::Files {
        path: folder.to_owned(),
        source: Cause::said(&format!("{reason}; set XDG_CACHE_HOME to a folder of your own")),
    };
    let failed = |error: std::io::Error| refused(&error.to_string());
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    let about = std::fs::symlink_metadata(folder).map_err(failed)?;
    let mode = about.permissions().mode();
    match () {
        () if !about.is_dir() => Err(refused("it is a link, not a folder")),
        () if about.uid() != rustix::process::geteuid().as_raw() => {
            Err(refused("it belongs to another user"))
        }
        () if mode & 0o022 != 0 => Err(refused("others may write in it")),
        () if mode & 0o077 == 0 => Ok(()),
        () => {
            let private = std::fs::Permissions::from_mode(0o700);
            std::fs::set_permissions(folder, private).map_err(failed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_urls_from_paths() {
        for url in ["https://h/x.git", "ssh://h/x", "file:///srv/x.git", "git@h:x/y.git", "h:x"] {
            assert!(is_url(url), "{url}");
        }
        for path in [".", "/srv/x.git", "../a:b", "./h:x", "folder", ":x"] {
            assert!(!is_url(path), "{path}");
        }
    }

    #[test]
    fn refuses_urls_that_git_would_read_as_something_else() {
        for url in ["--upload-pack=touch x", "ext::sh -c x", "https://h/\nx"] {
            assert!(matches!(check_url(url), Err(GitError::InvalidArgument { .. })), "{url}");
        }
        assert!(check_url("https://u:p@[::1]/x.git").is_ok());
    }

    #[test]
    fn only_a_folder_of_ones_own_is_used() {
        let scratch = tempfile::tempdir().unwrap();
        let at = |name: &str| scratch.path().join(name);
        let mode = |name: &str| at(name).metadata().unwrap().permissions().mode() & 0o777;
        let set = |name: &str, mode| {
            std::fs::set_permissions(at(name), std::fs::Permissions::from_mode(mode)).unwrap();
        };
        prepare_private(&at("new/cache")).unwrap();
        assert_eq!(mode("new/cache"), 0o700);
        set("new/cache", 0o755);
        prepare_private(&at("new/cache")).unwrap();
        assert_eq!(mode("new/cache"), 0o700, "nobody else could have written");
        set("new/cache", 0o777);
        let told = |name: &str| match prepare_private(&at(name)).unwrap_err() {
            GitError::Files { source, .. } => source.to_string(),
            other => panic!("{other}"),
        };
        assert_eq!(
            told("new/cache"),
            "others may write in it; set XDG_CACHE_HOME to a folder of your own"
        );
        std::os::unix::fs::symlink("new", at("link")).unwrap();
        assert!(told("link").contains("a link"));
        std::fs::write(at("file"), "").unwrap();
        assert!(told("file").contains("XDG_CACHE_HOME"), "{}", told("file"));
        assert!(told("file/below").contains("XDG_CACHE_HOME"));
        // Another user's folder can only be shown where this one is not allowed everything.
        if rustix::process::geteuid().as_raw() != 0 {
            assert!(prepare_private(Path::new("/root/.cache/x")).is_err());
        }
    }

    #[test]
    fn names_of_copies_are_safe_and_distinct() {
        let (one, two) =
            (cache_name("https://u:p@h/größe x.git"), cache_name("https://h/größe x.git"));
        assert_ne!(one, two);
        assert!(
            one.starts_with("gre") && one.is_ascii() && !one.contains(['/', ' ', ':']),
            "{one}"
        );
    }
}
