//! Takes credentials out of text that people will read.
//!
//! A remote's URL may carry `user:password@`, and git repeats URLs in its messages. Nothing that
//! leaves this module's callers may contain them.

const HIDDEN: &str = "***";

/// The text with the credentials of every URL in it replaced by `***`.
pub(crate) fn redact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        rest = match credentials_end(after) {
            Some(end) => {
                out.push_str(HIDDEN);
                after.split_at(end).1
            }
            None => after,
        };
    }
    out.push_str(rest);
    out
}

/// Where the `@` stands that ends the credentials, if the authority has any.
fn credentials_end(authority: &str) -> Option<usize> {
    let end = authority
        .find(|c: char| c == '/' || c.is_whitespace() || c == '\'' || c == '"')
        .unwrap_or(authority.len());
    authority.get(..end)?.rfind('@')
}

#[cfg(test)]
mod tests {
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
            ("nothing here", "nothing here"),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(redact(text), expected);
        }
    }
}
