//! HTTP and HTTPS URLs. They are kept as they were written; nothing is fetched.
//!
//! The `url` crate reads them, as the HTTP client does. Where it would mend a text, the text is refused, so
//! that what is written is what is asked.

use std::cell::Cell;
use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use url::{Host, ParseError, Url};

use super::rule::RuleId;
use super::violation::{Violation, Violations, quoted};

/// An absolute HTTP or HTTPS URL without credentials.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HttpUrl {
    text: String,
    url: Url,
}

impl HttpUrl {
    /// The URL as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The URL without its query and fragment, either of which may be a token: as it is shown and recorded.
    #[must_use]
    pub fn without_query(&self) -> Self {
        let text = bare(&self.text).to_owned();
        let mut url = self.url.clone();
        url.set_query(None);
        url.set_fragment(None);
        Self { text, url }
    }

    /// Whether it is an HTTPS URL.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The host: a name in lower case, or an address (IPv6 in brackets).
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }
}

impl FromStr for HttpUrl {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        match read(text) {
            Ok(url) => Ok(Self { text: text.to_owned(), url }),
            Err(fault) => Err(bad_url(text, fault).into()),
        }
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

text_serde!(HttpUrl);

const HOST_FAULT: &str = "its host is neither a name nor an address";
const PORT_FAULT: &str = "its port is not a number from 1 to 65535";

/// What stands before the query and the fragment.
fn bare(text: &str) -> &str {
    text.split(['?', '#']).next().unwrap_or_default()
}

/// Host and port as they were written, with the credentials before them.
fn authority(text: &str) -> Option<&str> {
    let after = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    after.split(['/', '?', '#']).next()
}

fn read(text: &str) -> Result<Url, &'static str> {
    let authority = authority(text).ok_or("it does not begin with https:// or http://")?;
    if authority.contains('@') {
        return Err("it carries credentials, which would end up in state and logs");
    }
    let mended = Cell::new(!text.is_ascii());
    let note = |_| mended.set(true);
    let url = Url::options().syntax_violation_callback(Some(&note)).parse(text);
    let url = url.map_err(|error| match error {
        ParseError::InvalidPort => PORT_FAULT,
        _ => HOST_FAULT,
    })?;
    let behind = behind_host(authority, &url).ok_or(HOST_FAULT)?;
    let port = url.port_or_known_default().unwrap_or_default();
    if !behind.is_empty() && (port == 0 || behind != format!(":{port}")) {
        return Err(PORT_FAULT);
    }
    if mended.get() {
        return Err("its path, query or fragment has a character to be escaped");
    }
    Ok(url)
}

/// The port with its colon, if any; none where the host is no host, or is read as another than was
/// written, as `1.2.3` is.
fn behind_host<'a>(authority: &'a str, url: &Url) -> Option<&'a str> {
    let read = url.host_str()?;
    let (written, behind) = match url.host()? {
        // One address has many spellings.
        Host::Ipv6(_) => authority.split_at_checked(authority.find(']')? + 1)?,
        Host::Domain(name) if !is_name(name) => return None,
        Host::Domain(_) | Host::Ipv4(_) => authority.split_at_checked(read.len())?,
    };
    let same = written.starts_with('[') || written.eq_ignore_ascii_case(read);
    (same && (behind.is_empty() || behind.starts_with(':'))).then_some(behind)
}

/// Whether a name can be looked up, which the standard of URLs leaves open.
fn is_name(host: &str) -> bool {
    let label = |label: &str| {
        let letters = label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        (1..=63).contains(&label.len())
            && letters
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let name = host.strip_suffix('.').unwrap_or(host);
    name.len() <= 253 && name.split('.').all(label)
}

fn bad_url(text: &str, fault: &str) -> Violation {
    let shown = match authority(text) {
        Some(part) if part.contains('@') => "a URL with a user or password (not shown)".to_owned(),
        // What only looks like a URL with credentials is not shown either.
        _ if text.contains('@') => "a text with `@` (not shown, it may hold a password)".to_owned(),
        _ if bare(text).len() < text.len() => {
            format!(
                "{} with a query or fragment (not shown, it may hold a token)",
                quoted(bare(text))
            )
        }
        _ => quoted(text),
    };
    let expected = format!("an HTTP or HTTPS URL, but {fault}");
    let is_likely = !text.contains("://") && text.contains('.');
    let next = if is_likely && read(&format!("https://{text}")).is_ok() {
        let rest = if bare(text) == text { "" } else { " and what follows it" };
        format!("Write `https://{}`{rest}.", bare(text))
    } else {
        "Write the whole URL, such as `https://api.example.com/health`.".to_owned()
    };
    Violation::new(RuleId::GLB003, shown, expected, next)
}

/// Declares a URL with a purpose of its own, so that its rule is the one that is named.
macro_rules! url_for {
    ($(#[$meta:meta])* $name:ident breaks $rule:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(HttpUrl);

        impl $name {
            /// The URL without its query and fragment: as it is shown and recorded.
            #[must_use]
            pub fn without_query(&self) -> Self {
                Self(self.0.without_query())
            }
        }

        impl Deref for $name {
            type Target = HttpUrl;
            fn deref(&self) -> &HttpUrl {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Violations;
            fn from_str(text: &str) -> Result<Self, Violations> {
                text.parse().map(Self).map_err(|faults: Violations| faults.as_rule(RuleId::$rule))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        text_serde!($name);
    };
}

url_for! {
    /// Where a deployment is asked whether it is well.
    HealthCheckUrl breaks DEP022
}

url_for! {
    /// Where the public finds what was deployed.
    PublicUrl breaks DEP023
}

url_for! {
    /// Where telemetry goes.
    TelemetryUrl breaks OWN056
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn http_and_https_urls_are_kept_as_written() {
        for good in [
            "https://example.com",
            "http://localhost:8080/health?deep=1#top",
            "https://api.example.com./a%20b/",
            "http://127.0.0.1:1",
            "http://[::1]:8080/",
            "https://my_service.internal/a:b@c",
            "https://Api.Example.com:443",
            "https://[2001:DB8:0::1]:8443/up",
            "https://a/b/../c?d=%E2%82%AC&e=f@g/h?i#",
        ] {
            assert_eq!(good.parse::<HttpUrl>().unwrap().to_string(), good);
        }
        assert_eq!("http://[::1]:80/".parse::<HttpUrl>().unwrap().host(), "[::1]");
        assert_eq!(
            "http://Api.example.com:80/".parse::<HttpUrl>().unwrap().host(),
            "api.example.com"
        );
        assert!("https://a".parse::<HttpUrl>().unwrap().is_https());
    }

    #[test]
    fn a_query_is_not_shown() {
        let url: HealthCheckUrl = "https://a.example/up?token=s3cr3t#x".parse().unwrap();
        assert_eq!(url.without_query().to_string(), "https://a.example/up");
        assert_eq!(url.without_query(), "https://a.example/up".parse().unwrap());
        for bad in [
            "ftp://a/?token=s3cr3t",
            "https://a b/x?s3cr3t",
            "https://a/x#s3cr3t\n",
            "a.b/?t=s3cr3t",
        ] {
            let told = bad.parse::<HealthCheckUrl>().unwrap_err().to_string();
            assert!(!told.contains("s3cr3t"), "{told}");
        }
    }

    #[test]
    fn other_urls_are_refused() {
        for bad in [
            "",
            "example.com",
            "ftp://example.com",
            "https://",
            "https:///x",
            "https://a b/",
            "https://a..b/",
            "https://-a/",
            "https://a:0/",
            "https://a:99999/",
            "https://a:/",
            "https://256.1.1.1/",
            "https://1.2.3/",
            "https://[::g]/",
            "https://[::1]x/",
            "https://a/ä",
            "https://a/%4",
            "https://a/#b#c",
            "https://a/\n",
            "https://a/\"x",
            "HTTPS://a/",
            "https:///a/",
            "https:/a/",
            "https://a\\b/",
            "https://a/b\\c",
            "https://a\nb/",
            "https://a/b\tc",
            " https://a/",
            "https://a/ ",
            "https://a:080/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://ex%61mple.com/",
            "https://b\u{fc}cher.example/",
            "https://a!b/",
            "https://a/[b]",
        ] {
            assert!(bad.parse::<HttpUrl>().unwrap_err().breaks(RuleId::GLB003), "{bad}");
        }
    }

    #[test]
    fn credentials_are_refused_and_never_shown() {
        for bad in
            ["https://ada:s3cret@example.com/", "ada:s3cret@example.com", "https://a:s3cret@:/"]
        {
            let told = bad.parse::<HttpUrl>().unwrap_err().to_string();
            assert!(!told.contains("s3cret"), "{told}");
        }
    }

    #[test]
    fn purposes_name_their_own_rules() {
        let told = "example.com/health".parse::<HealthCheckUrl>().unwrap_err();
        assert!(told.breaks(RuleId::DEP022));
        assert!(told.to_string().contains("Write `https://example.com/health`."), "{told}");
        assert!("x".parse::<PublicUrl>().unwrap_err().breaks(RuleId::DEP023));
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_kept_and_is_what_the_client_reads(
            text in "https?:/?/?[a-cA-Z0-9.:\\[\\]@%_-]{0,12}[/?#\\\\]?[a-z%0-9#@ \t./\u{e4}]{0,6}",
        ) {
            let crates = Url::parse(&text);
            if let Ok(url) = text.parse::<HttpUrl>() {
                prop_assert_eq!(url.to_string(), &*text);
                let read = crates.unwrap();
                prop_assert_eq!(url.host(), read.host_str().unwrap());
                prop_assert!(text.to_lowercase().contains(url.host()) || url.host().starts_with('['));
                prop_assert!(read.username().is_empty() && read.password().is_none());
                prop_assert_ne!(read.port(), Some(0));
                let kept: String = text.chars().filter(|c| c.is_ascii_graphic()).collect();
                prop_assert_eq!(kept, text, "nothing that the client would drop");
            }
        }

        #[test]
        fn plain_urls_are_accepted(
            host in "[a-z][a-z0-9]{0,5}(\\.[a-z]{2,4}){0,2}|10\\.[1-9]\\.0\\.[1-9]|\\[::[1-9a-f]\\]",
            port in proptest::option::of(1..=u16::MAX),
            rest in "(/[a-z0-9._~!$&'()*+,;=:@-]{0,3}){0,3}(\\?[a-z=&/?]{0,4})?(#[a-z]{0,3})?",
        ) {
            let port = port.map(|port| format!(":{port}")).unwrap_or_default();
            let text = format!("https://{host}{port}{rest}");
            prop_assert_eq!(text.parse::<HttpUrl>().map(|url| url.to_string()), Ok(text));
        }

        #[test]
        fn any_text_has_an_answer(text: String) {
            for text in [format!("https://{text}"), text] {
                if let Ok(url) = text.parse::<HttpUrl>() {
                    prop_assert_eq!(url.to_string(), text);
                }
            }
        }
    }
}
