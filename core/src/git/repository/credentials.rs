//! Credentials that stand in the URL of a remote, given to git out of everybody's sight.
//!
//! Git hands the URL to a helper as an argument, which any user of the machine can list. So it gets a file of
//! settings, for this user's eyes only: one rewrites the URL to the same without credentials, another answers
//! for them by git's own credential protocol. No variable holds them either, for hooks inherit those.
//!
//! Left as they are: URLs that git itself reads otherwise, such as with a `/` in the password, and SSH, which
//! takes no password from a URL.

use std::collections::BTreeSet;
use std::path::Path;

use super::config_file;
use super::scratch::Scratch;
use crate::git::error::GitError;

/// A setting of git's, where it has a value.
pub(crate) type Entry<'a> = (&'a str, Option<&'a str>);

/// What rewrites URLs, and what rewrites them for pushes alone.
const REWRITES: [&str; 2] = ["insteadof", "pushinsteadof"];

/// The credentials of a remote, as files that git is told of.
pub(crate) struct Credentials {
    folder: Scratch,
}

impl Credentials {
    /// Those of a remote, by all settings that git has; `None`: it has none.
    pub(crate) fn of(entries: &[Entry<'_>], remote: &str) -> Result<Option<Self>, GitError> {
        let (reads, writes) = (ways_to_read(entries, remote), ways_to_write(entries, remote));
        if !reads.iter().chain(&writes).any(|way| way.login.hides(entries)) {
            return Ok(None);
        }
        let folder = Scratch::new("login")?;
        let hidden = |ways: Vec<Way>| {
            ways.into_iter().filter(|way| way.login.hides(entries)).collect::<Vec<_>>()
        };
        // A push may have to fetch what was left out of a partial clone.
        let (reads, writes) = (hidden(reads.clone()), hidden([writes, reads].concat()));
        write(folder.path(), "read", &reads)?;
        write(folder.path(), "push", &writes)?;
        Ok(Some(Self { folder }))
    }

    /// The setting by which git learns of them.
    pub(crate) fn setting(&self, pushes: bool) -> String {
        let name = if pushes { "push" } else { "read" };
        format!("include.path={}", self.folder.path().join(name).display())
    }
}

/// How git comes to a URL.
#[derive(Clone)]
struct Way {
    /// What the settings of the remote say.
    written: String,
    /// The kind of rule that leads from there.
    rewrite: &'static str,
    login: Login,
}

impl Way {
    fn of(written: &str, rewrite: &'static str, url: &str) -> Option<Self> {
        Some(Self { written: written.to_owned(), rewrite, login: Login::of(url)? })
    }
}

/// Who logs in where.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Login {
    /// The URL without credentials.
    url: String,
    /// The part of it that names the server.
    server: String,
    name: Vec<u8>,
    password: Option<Vec<u8>>,
}

impl Login {
    /// That of a URL, where it has one that git reads so.
    fn of(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let is_http = ["http", "https"].iter().any(|it| scheme.eq_ignore_ascii_case(it));
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (who, host) = authority.rsplit_once('@').filter(|_| is_http)?;
        let (name, password) = match who.split_once(':') {
            Some((name, password)) => (decoded(name), Some(decoded(password))),
            None => (decoded(who), None),
        };
        // The protocol is made of lines.
        let is_line = |text: &[u8]| !text.iter().any(|byte| b"\n\r\0".contains(byte));
        let lines = is_line(&name) && password.as_deref().is_none_or(is_line);
        let server = format!("{scheme}://{host}");
        lines.then(|| Self { url: format!("{server}{path}"), server, name, password })
    }

    /// Whether it can be taken out of the URL. A name without a password gives way to names that settings
    /// say, which the URL would win over.
    fn hides(&self, entries: &[Entry<'_>]) -> bool {
        let is_name = |name: &str| name.starts_with("credential.") && name.ends_with(".username");
        self.password.is_some() || !entries.iter().any(|(name, _)| is_name(name))
    }

    /// What a helper answers.
    fn answer(&self) -> Vec<u8> {
        let password = self.password.as_deref().unwrap_or_default();
        [b"username=", self.name.as_slice(), b"\npassword=", password, b"\n"].concat()
    }
}

/// As git decodes the parts of a URL: what is no code stays.
fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let is_code = |digits: &&str| digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let code = digits.filter(is_code).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code.filter(|_| *first == b'%') {
            Some(code) => {
                bytes.push(code);
                rest = behind.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    bytes
}

fn ways_to_read(entries: &[Entry<'_>], remote: &str) -> Vec<Way> {
    let [rules, _] = REWRITES.map(|kind| rules(entries, kind));
    let urls = values(entries, &format!("remote.{remote}.url"));
    let way = |url| Way::of(url, REWRITES[0], &rewritten(url, &rules)?);
    urls.into_iter().filter_map(way).collect()
}

/// A URL for pushes alone is rewritten as others are, and the URL for both by the rules for pushes first.
fn ways_to_write(entries: &[Entry<'_>], remote: &str) -> Vec<Way> {
    let [rules, push_rules] = REWRITES.map(|kind| rules(entries, kind));
    let own = values(entries, &format!("remote.{remote}.pushurl"));
    if !own.is_empty() {
        let ways = own.iter().map(|url| Way::of(url, REWRITES[0], &rewritten(url, &rules)?));
        return ways.flatten().collect();
    }
    let urls = values(entries, &format!("remote.{remote}.url"));
    let way = |url| match longest(url, &push_rules) {
        Some(rule) => Way::of(url, REWRITES[1], &applied(url, rule)?),
        None => Way::of(url, REWRITES[0], &rewritten(url, &rules)?),
    };
    urls.into_iter().filter_map(way).collect()
}

fn values<'a>(entries: &[Entry<'a>], wanted: &str) -> Vec<&'a str> {
    entries.iter().filter(|(name, _)| *name == wanted).filter_map(|(_, value)| *value).collect()
}

/// What the start of a URL is replaced with, and that start.
type Rule<'a> = (&'a str, &'a str);

fn rules<'a>(entries: &[Entry<'a>], kind: &str) -> Vec<Rule<'a>> {
    let rule = |(name, value): &Entry<'a>| {
        let base = name.strip_prefix("url.")?.strip_suffix(kind)?.strip_suffix('.')?;
        Some((base, (*value)?))
    };
    entries.iter().filter_map(rule).collect()
}

/// The rule with the longest start; of equal ones the first, as git has it.
fn longest<'a>(url: &str, rules: &[Rule<'a>]) -> Option<Rule<'a>> {
    let mut found: Option<Rule<'a>> = None;
    for rule in rules.iter().filter(|(_, start)| url.starts_with(start)) {
        if found.is_none_or(|(_, start)| rule.1.len() > start.len()) {
            found = Some(*rule);
        }
    }
    found
}

fn applied(url: &str, (base, start): Rule<'_>) -> Option<String> {
    Some(format!("{base}{}", url.strip_prefix(start)?))
}

fn rewritten(url: &str, rules: &[Rule<'_>]) -> Option<String> {
    longest(url, rules).map_or_else(|| Some(url.to_owned()), |rule| applied(url, rule))
}

/// Writes a file of settings, and beside it what helpers answer.
fn write(folder: &Path, name: &str, ways: &[Way]) -> Result<(), GitError> {
    let failed = |error| GitError::files(folder, error);
    let place = folder.to_str().ok_or_else(|| {
        failed(std::io::Error::other("the folder of temporary files has a name that is not UTF-8"))
    })?;
    let mut text = String::new();
    for way in ways {
        let rule = format!("url.{}.{}", way.login.url, way.rewrite);
        config_file::write(&mut text, &rule, Some(&way.written));
    }
    // Git takes the settings of the closest match. Those of a server are for what it redirects to.
    let mut known = BTreeSet::new();
    let whole = ways.iter().map(|way| (&way.login.url, &way.login));
    let servers = ways.iter().map(|way| (&way.login.server, &way.login));
    for (number, (url, login)) in whole.chain(servers).enumerate() {
        if !known.insert(url) {
            continue;
        }
        let key = |key: &str| format!("credential.{url}.{key}");
        if login.password.is_none() {
            let name = String::from_utf8_lossy(&login.name);
            config_file::write(&mut text, &key("username"), Some(&name));
            continue;
        }
        let answer = format!("{place}/{name}-{number}");
        std::fs::write(&answer, login.answer()).map_err(failed)?;
        // Others are not asked, as they are not where the URL has a password.
        config_file::write(&mut text, &key("helper"), Some(""));
        config_file::write(&mut text, &key("helper"), Some(&helper(&answer)));
    }
    std::fs::write(folder.join(name), text).map_err(failed)
}

/// A helper in the language of git's settings, which git's shell reads.
fn helper(answer: &str) -> String {
    let quoted = answer.replace('\'', r"'\''");
    format!("!f() {{ test \"$1\" = get && cat '{quoted}'; }}; f")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(url: &str) -> Option<(String, String, Option<String>)> {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Login::of(url).map(|it| (it.url, text(it.name), it.password.map(text)))
    }

    #[test]
    fn reads_logins_as_git_does() {
        let found = |url: &str, name: &str, password: Option<&str>| {
            Some((url.to_owned(), name.to_owned(), password.map(str::to_owned)))
        };
        for (url, expected) in [
            ("https://u:p@h/x.git", found("https://h/x.git", "u", Some("p"))),
            ("HTTP://u:p@h:80", found("HTTP://h:80", "u", Some("p"))),
            ("https://t0ken@h/x", found("https://h/x", "t0ken", None)),
            ("https://t0ken:@h/x", found("https://h/x", "t0ken", Some(""))),
            ("https://a%40b:p%3a%2F%zz%@h/x", found("https://h/x", "a@b", Some("p:/%zz%"))),
            ("https://u:p@ss@[::1]/x", found("https://[::1]/x", "u", Some("p@ss"))),
            ("https://h/x@y", None),
            ("https://u:a/b@h/x", None),
            ("https://u:a%0ahost=evil@h/x", None),
            ("ssh://git:p@h/x", None),
            ("git@h:x/y.git", None),
            ("/srv/x", None),
        ] {
            assert_eq!(login(url), expected, "{url}");
        }
    }

    fn ways(entries: &[Entry<'_>]) -> (Vec<String>, Vec<String>) {
        let shown = |way: Way| {
            let password = way.login.password.unwrap_or_default();
            let password = String::from_utf8(password).unwrap();
            format!("{} {} {} {password}", way.written, way.rewrite, way.login.url)
        };
        let of = |ways: Vec<Way>| ways.into_iter().map(shown).collect();
        (of(ways_to_read(entries, "o")), of(ways_to_write(entries, "o")))
    }

    #[test]
    fn follows_the_rules_of_git_from_what_is_written_to_what_is_used() {
        let url = ("remote.o.url", Some("https://h/x"));
        let rule = ("url.https://u:1@h/.insteadof", Some("https://h/"));
        let push_rule = ("url.https://u:2@h/.pushinsteadof", Some("https://h/"));
        let read = "https://h/x insteadof https://h/x 1".to_owned();
        assert_eq!(ways(&[url]), (vec![], vec![]));
        assert_eq!(ways(&[url, rule]), (vec![read.clone()], vec![read.clone()]));
        let pushed = "https://h/x pushinsteadof https://h/x 2".to_owned();
        assert_eq!(ways(&[url, rule, push_rule]), (vec![read.clone()], vec![pushed]));
        let push_url = ("remote.o.pushurl", Some("https://w:3@h/x"));
        let pushed = "https://w:3@h/x insteadof https://h/x 3".to_owned();
        assert_eq!(ways(&[url, rule, push_rule, push_url]), (vec![read], vec![pushed]));
        let longer = ("url.https://v:4@h/x.insteadof", Some("https://h/x"));
        let read = "https://h/x insteadof https://h/x 4".to_owned();
        assert_eq!(ways(&[url, rule, longer, longer]).0, [read]);
    }

    #[test]
    fn writes_what_only_its_user_reads() {
        let own = Credentials::of(&[("remote.o.url", Some("https://u:p%3D1@h/x"))], "o");
        let own = own.unwrap().unwrap();
        let path = own.setting(false).strip_prefix("include.path=").unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("[url \"https://h/x\"]\n\tinsteadof = \"https://u:p%3D1@h/x\"\n"));
        for section in ["[credential \"https://h/x\"]", "[credential \"https://h\"]"] {
            assert!(text.contains(&format!("{section}\n\thelper = \"\"\n{section}")), "{text}");
        }
        let answer = std::fs::read_to_string(format!("{path}-0")).unwrap();
        assert_eq!(answer, "username=u\npassword=p=1\n");
        let folder = Path::new(&path).parent().unwrap().to_owned();
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o077, 0);
        drop(own);
        assert!(!folder.exists());
    }

    #[test]
    fn nothing_is_written_where_nothing_is_to_be_hidden() {
        let url = ("remote.o.url", Some("https://ana@h/x"));
        let name = ("credential.username", Some("bob"));
        assert!(Credentials::of(&[("remote.o.url", Some("https://h/x"))], "o").unwrap().is_none());
        assert!(Credentials::of(&[url], "other").unwrap().is_none());
        assert!(Credentials::of(&[url, name], "o").unwrap().is_none());
        assert!(Credentials::of(&[url], "o").unwrap().is_some());
    }

    #[test]
    fn a_helper_finds_its_file_whatever_it_is_called() {
        assert_eq!(helper("/a'b c"), r#"!f() { test "$1" = get && cat '/a'\''b c'; }; f"#);
    }
}
