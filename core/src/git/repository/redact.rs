//! Takes credentials out of text that people will read.
//!
//! A remote's URL may carry `user:password@`, or a token in its query, and git repeats URLs in its
//! messages. Nothing that leaves this module's callers may contain them. Passwords are of any letters, and
//! nobody says where a URL ends in a text: in doubt more is hidden.

const HIDDEN: &str = "***";
/// What follows the scheme of a URL.
const SIGN: &str = "://";

/// The text with everything hidden that may be a credential in a URL: what stands before the last `@` of
/// an authority, and the query.
pub(crate) fn redact(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(line).collect();
    lines.join("\n")
}

/// As [`redact`], for a text that may repeat these URLs: of them the whole is known, and no more is hidden.
pub(crate) fn redact_known(text: &str, urls: &[String]) -> String {
    let mut text = text.to_owned();
    for url in urls.iter().filter(|url| url.contains(['@', '?'])) {
        text = text.replace(url.as_str(), &known(url));
    }
    redact(&text)
}

/// A text that is nothing but a URL.
fn known(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return line(url) };
    let shown = without_credentials(rest);
    match shown.split_once('?') {
        Some((before, _)) => format!("{scheme}://{before}?{HIDDEN}"),
        None => format!("{scheme}://{shown}"),
    }
}

fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(SIGN) {
        let (before, after) = rest.split_at(at + SIGN.len());
        out.push_str(&bare(before));
        let mut url = after.split_at(next_url(after)).0;
        // A password may look like another URL; where there is none, it is one.
        if credentials_end(url).is_none()
            && let Some(inner) = url.find(SIGN)
        {
            url = url.split_at(inner).0;
        }
        out.push_str(&of_url(url));
        rest = after.split_at(url.len()).1;
    }
    out.push_str(&bare(rest));
    out
}

/// Where the next URL begins that stands by itself, with its scheme.
fn next_url(text: &str) -> usize {
    let begin = |(at, _): (usize, &str)| {
        let before = text.split_at(at).0;
        let rest =
            before.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || "+.-".contains(c));
        let stands_alone = rest.ends_with(|c: char| c.is_whitespace() || c == '\'' || c == '"');
        (stands_alone && rest.len() < before.len()).then_some(rest.len())
    };
    text.match_indices(SIGN).find_map(begin).unwrap_or(text.len())
}

fn without_credentials(url: &str) -> String {
    match credentials_end(url) {
        Some(end) => format!("{HIDDEN}{}", url.split_at(end).1),
        None => url.to_owned(),
    }
}

/// What follows a scheme, in a text that goes on.
fn of_url(url: &str) -> String {
    let shown = without_credentials(url);
    let Some((before, query)) = shown.split_once('?') else { return shown };
    let end = query.find(|c: char| c.is_whitespace() || c == '\'' || c == '"');
    let behind = end.map_or("", |end| query.split_at(end).1);
    format!("{before}?{HIDDEN}{behind}")
}

/// Where the `@` stands that ends the credentials, if there are any.
fn credentials_end(url: &str) -> Option<usize> {
    let first = url.split('/').next().unwrap_or_default();
    // Without a password before it, an `@` behind the first slash belongs to the path.
    let may_go_on = first.contains('@') || first.contains(':');
    if may_go_on { url.rfind('@') } else { None }
}

/// Text outside of URLs: words such as `user:password@host`, as scp and some settings write them.
fn bare(text: &str) -> String {
    let word = |word: &str| match word.rfind('@') {
        Some(at) if word[..at].contains(':') => {
            let quote = word.chars().next().filter(|c| matches!(c, '\'' | '"'));
            format!("{}{HIDDEN}{}", quote.map(String::from).unwrap_or_default(), &word[at..])
        }
        _ => word.to_owned(),
    };
    text.split_inclusive(char::is_whitespace).map(word).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hides_credentials_and_keeps_the_rest() {
        let cases = [
            (
                "fatal: unable to access 'https://bot:s3cret@example.com/a.git/': 403",
                "fatal: unable to access 'https://***@example.com/a.git/': 403",
            ),
            ("https://token@example.com", "https://***@example.com"),
            ("https://a:p@ss@example.com/x", "https://***@example.com/x"),
            ("two https://u:1@a/x and ssh://u:2@b/y", "two https://***@a/x and ssh://***@b/y"),
            ("https://example.com/a@b", "https://example.com/a@b"),
            ("git@example.com:a/b.git", "git@example.com:a/b.git"),
            ("file:///srv/a b.git", "file:///srv/a b.git"),
            ("https://h/x.git?private_token=abc': 404", "https://h/x.git?***': 404"),
            ("https://u:a/b@h/x", "https://***@h/x"),
            ("remote:https://u:p@h/x", "remote:https://***@h/x"),
            ("https://h/x remote:https://u:p@h/x", "https://h/x remote:https://***@h/x"),
            ("https://u:S3://cR3T@h/x", "https://***@h/x"),
            ("u:pw@h/x.git is no repository", "***@h/x.git is no repository"),
            ("'u:pw@h/x.git'", "'***@h/x.git'"),
            ("line one\nhttps://u:p@h\nlast", "line one\nhttps://***@h\nlast"),
            ("nothing here", "nothing here"),
            ("at 12:30 by me", "at 12:30 by me"),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(redact(text), expected);
        }
    }

    #[test]
    fn what_is_known_hides_no_more_than_it_has_to() {
        let url = "https://h/x?token=a b'c".to_owned();
        let said = format!("fatal: '{url}': The requested URL returned error: 403");
        let told = redact_known(&said, &[url]);
        assert!(told.contains("returned error: 403") && !told.contains("b'c"), "{told}");
    }

    proptest! {
        /// No part of a password or token is shown, whatever it is made of and whatever stands around it.
        #[test]
        fn no_secret_is_shown(
            user in "[a-z]{0,3}",
            odd in "[-a-z0-9'\" /@:?#%&=!$.\\\\]{0,6}",
            before in "[a-z: ']{0,6}",
            behind in "[a-z: ']{0,6}",
            scheme in "(https|http|ssh)",
        ) {
            let secret = format!("S3{odd}cR3T");
            let url = format!("{scheme}://{user}:{secret}@example.com/x.git");
            for text in [url.clone(), format!("{before}{url}{behind}"), format!("'{url}': failed\n")] {
                for told in [redact(&text), redact_known(&text, std::slice::from_ref(&url))] {
                    prop_assert!(!told.contains("S3") && !told.contains("cR3T"), "{text} -> {told}");
                }
            }
            let query = format!("{scheme}://example.com/x.git?private_token={secret}");
            let told = redact_known(&format!("fatal: '{query}': failed"), std::slice::from_ref(&query));
            prop_assert!(!told.contains("cR3T"), "{told}");
        }
    }
}
