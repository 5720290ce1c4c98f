//! What stands between this machine and a remote, as far as git's words tell.
//!
//! Git has no codes for it: it passes on what HTTP, SSH or the server said. The table here is all that is
//! known of those words.

/// What stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Obstacle {
    /// Nobody says who asks, or the credentials are wrong: HTTP 401, or no key that SSH takes.
    NoCredentials,
    /// The remote knows who asks, and does not allow it: HTTP 403, or a server that says so.
    Forbidden,
    /// There is no such repository, or it is hidden from who asks.
    NoRepository,
    /// SSH does not know the remote's key.
    UnknownHost,
    /// A setting of the user's asks for what the remote does not offer.
    Setting(&'static str),
    /// The remote names its objects by another hash than this side can: SHA-256.
    ObjectFormat,
    /// What was asked for is not there, or is more than is taken.
    NotThere,
    /// Anything else: the network, a server that is down or slow.
    Away,
}

use Obstacle::{
    Forbidden, NoCredentials, NoRepository, NotThere, ObjectFormat, Setting, UnknownHost,
};

/// What this side says of a listing with names of another length.
pub(crate) const OTHER_FORMAT: &str = "the remote names its objects by SHA-256";

/// Words, and what they mean. Of several the first in the table counts: what a server adds in its own words says
/// more than what git makes of it.
const SIGNS: &[(&str, Obstacle)] = &[
    ("does not support push options", Setting("push.pushOption")),
    ("does not support --signed push", Setting("push.gpgSign")),
    ("does not support --signed", Setting("push.gpgSign")),
    ("failed to sign the push certificate", Setting("push.gpgSign")),
    ("Host key verification failed", UnknownHost),
    ("returned error: 401", NoCredentials),
    ("HTTP 401", NoCredentials),
    ("could not read Username", NoCredentials),
    ("could not read Password", NoCredentials),
    ("Authentication failed", NoCredentials),
    ("Permission denied (", NoCredentials),
    ("returned error: 403", Forbidden),
    ("HTTP 403", Forbidden),
    ("marked as read only", Forbidden),
    ("not allowed to push", Forbidden),
    ("access denied or repository not exported", Forbidden),
    ("Access denied", Forbidden),
    ("returned error: 404", NoRepository),
    ("Repository not found", NoRepository),
    ("does not appear to be a git repository", NoRepository),
    ("mismatched algorithms", ObjectFormat),
    (OTHER_FORMAT, ObjectFormat),
    ("which is the most that is read", NotThere),
    ("detected dubious ownership", NotThere),
    ("not our ref", NotThere),
    ("couldn't find remote ref", NotThere),
];

impl Obstacle {
    /// What git's words tell.
    #[must_use]
    pub fn read(words: &str) -> Self {
        let denied = words.contains("Permission to ") && words.contains(" denied to ");
        let missing = words.contains("fatal: repository '") && words.contains("' not found");
        match () {
            () if denied => Forbidden,
            () if missing => NoRepository,
            () => SIGNS
                .iter()
                .find(|(sign, _)| words.contains(sign))
                .map_or(Self::Away, |(_, obstacle)| *obstacle),
        }
    }

    /// Whether the same attempt, made again, meets with the same.
    #[must_use]
    pub const fn is_permanent(self) -> bool {
        !matches!(self, Self::Away)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_servers_say() {
        for (words, expected) in [
            (
                "fatal: could not read Username for 'https://h': terminal prompts disabled",
                NoCredentials,
            ),
            ("fatal: Authentication failed for 'https://h/r.git/'", NoCredentials),
            (
                "git@h: Permission denied (publickey,password).\nfatal: Could not read from remote repository.",
                NoCredentials,
            ),
            (
                "fatal: unable to access 'https://h/': The requested URL returned error: 403",
                Forbidden,
            ),
            (
                "remote: Permission to o/r.git denied to github-actions[bot].\nfatal: unable to access 'https://h/': The requested URL returned error: 403",
                Forbidden,
            ),
            (
                "ERROR: Permission to o/r.git denied to deploy key\nfatal: Could not read from remote repository.",
                Forbidden,
            ),
            ("remote: You are not allowed to push code to this project.", Forbidden),
            ("error: RPC failed; HTTP 403 curl 22", Forbidden),
            ("fatal: remote error: access denied or repository not exported: /r", Forbidden),
            ("fatal: repository 'https://h/r.git/' not found", NoRepository),
            ("ERROR: Repository not found.", NoRepository),
            ("fatal: '/nowhere' does not appear to be a git repository", NoRepository),
            (
                "Host key verification failed.\nfatal: Could not read from remote repository.",
                UnknownHost,
            ),
            ("fatal: the receiving end does not support push options", Setting("push.pushOption")),
            ("fatal: the receiving end does not support --signed push", Setting("push.gpgSign")),
            ("fatal: unable to access 'https://h/': Could not resolve host: h", Obstacle::Away),
            ("fatal: the remote end hung up unexpectedly", Obstacle::Away),
        ] {
            assert_eq!(Obstacle::read(words), expected, "{words}");
            assert_eq!(expected.is_permanent(), expected != Obstacle::Away);
        }
    }
}
