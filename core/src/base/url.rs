//! HTTP and HTTPS URLs. They are kept as they were written; nothing is normalised or fetched.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use super::rule::RuleId;
use super::violation::{Violation, Violations, quoted};

/// An absolute HTTP or HTTPS URL without credentials.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HttpUrl(String);

impl HttpUrl {
    /// The URL as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is an HTTPS URL.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }

    /// The host: a name, or an address (IPv6 in brackets).
    #[must_use]
    pub fn host(&self) -> &str {
        split(&self.0).map_or("", |parts| parts.host)
    }
}

impl FromStr for HttpUrl {
    type Err = Violations;
    fn from_str(text: &str) -> Result<Self, Violations> {
        match fault(text) {
            None => Ok(Self(text.to_owned())),
            Some(fault) => Err(bad_url(text, fault).into()),
        }
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

text_serde!(HttpUrl);

struct Parts<'a> {
    credentials: bool,
    host: &'a str,
    port: Option<&'a str>,
    rest: &'a str,
}

fn split(text: &str) -> Option<Parts<'_>> {
    let after = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let end = after.find(['/', '?', '#']).unwrap_or(after.len());
    let (authority, rest) = after.split_at(end);
    let (credentials, authority) = match authority.rsplit_once('@') {
        Some((_, host)) => (true, host),
        None => (false, authority),
    };
    let (host, port) = match authority.rfind(']') {
        Some(close) => {
            let (host, after) = authority.split_at(close + 1);
            (host, if after.is_empty() { None } else { Some(after.strip_prefix(':')?) })
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    Some(Parts { credentials, host, port, rest })
}

fn fault(text: &str) -> Option<&'static str> {
    let Some(parts) = split(text) else {
        return Some("it does not begin with https:// or http://");
    };
    if parts.credentials {
        return Some("it carries credentials, which would end up in state and logs");
    }
    if !is_host(parts.host) {
        return Some("its host is neither a name nor an address");
    }
    if !parts.port.is_none_or(is_port) {
        return Some("its port is not a number from 1 to 65535");
    }
    (!is_rest(parts.rest)).then_some("its path, query or fragment has a character to be escaped")
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let label = |label: &str| {
        let letters = label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        (1..=63).contains(&label.len())
            && letters
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let name = host.strip_suffix('.').unwrap_or(host);
    // A name whose last label is a number is read as an IPv4 address everywhere.
    let numeric = name.rsplit('.').next().is_some_and(|last| {
        last.starts_with(|c: char| c.is_ascii_digit())
            && last.bytes().all(|b| b.is_ascii_hexdigit() || b == b'x')
    });
    if numeric {
        return host.parse::<core::net::Ipv4Addr>().is_ok();
    }
    name.len() <= 253 && name.split('.').all(label)
}

fn is_port(port: &str) -> bool {
    let plain = port.bytes().all(|byte| byte.is_ascii_digit()) && !port.starts_with('0');
    plain && port.parse::<u16>().is_ok()
}

/// Path, query and fragment by RFC 3986, with complete escapes.
fn is_rest(rest: &str) -> bool {
    let (before, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%".contains(&byte);
    let escapes = rest.split('%').skip(1).all(|after| {
        after.len() >= 2 && after.bytes().take(2).all(|byte| byte.is_ascii_hexdigit())
    });
    before.bytes().chain(fragment.bytes()).all(allowed) && escapes
}

fn bad_url(text: &str, fault: &str) -> Violation {
    let shown = match split(text) {
        Some(parts) if parts.credentials => "a URL with a user or password (not shown)".to_owned(),
        // What only looks like a URL with credentials is not shown either.
        _ if text.contains('@') => "a text with `@` (not shown, it may hold a password)".to_owned(),
        _ => quoted(text),
    };
    let expected = format!("an HTTP or HTTPS URL, but {fault}");
    let next = if text.contains("://") {
        "Write the whole URL, such as `https://api.example.com/health`.".to_owned()
    } else if fault_free(&format!("https://{text}")) && text.contains('.') {
        format!("Write `https://{text}`.")
    } else {
        "Write the whole URL, such as `https://api.example.com/health`.".to_owned()
    };
    Violation::new(RuleId::GLB003, shown, expected, next)
}

fn fault_free(text: &str) -> bool {
    fault(text).is_none()
}

/// Declares a URL with a purpose of its own, so that its rule is the one that is named.
macro_rules! url_for {
    ($(#[$meta:meta])* $name:ident breaks $rule:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(HttpUrl);

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
        ] {
            assert_eq!(good.parse::<HttpUrl>().unwrap().to_string(), good);
        }
        assert_eq!("http://[::1]:80/".parse::<HttpUrl>().unwrap().host(), "[::1]");
        assert!("https://a".parse::<HttpUrl>().unwrap().is_https());
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
        fn what_is_accepted_prints_back(text in "https?://[a-z0-9.:\\[\\]@-]{0,12}[/?#]?[a-z%0-9#]{0,6}") {
            if let Ok(url) = text.parse::<HttpUrl>() {
                prop_assert_eq!(url.to_string(), text);
            }
        }
    }
}
