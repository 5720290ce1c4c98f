//! The text of annotated tag objects: writing and reading it. Pure.

use crate::Timestamp;
use crate::git::error::GitError;
use crate::git::object_id::ObjectId;
use crate::git::tag::Signature;

/// What a tag object points at, in the words of its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TargetKind {
    Commit,
    Blob,
}

/// Writes a tag object; `name` is the short name of the tag.
pub(crate) fn write(
    target: ObjectId,
    kind: TargetKind,
    name: &str,
    tagger: &Signature,
    message: &str,
) -> String {
    let kind = match kind {
        TargetKind::Commit => "commit",
        TargetKind::Blob => "blob",
    };
    let (who, email) = (person(&tagger.name), person(&tagger.email));
    let who = if who.is_empty() { "unknown" } else { &who };
    let seconds = tagger.time.unix_seconds();
    let message = message.replace('\0', "").trim_end_matches('\n').to_owned();
    format!(
        "object {target}\ntype {kind}\ntag {name}\ntagger {who} <{email}> {seconds} +0000\n\n{message}\n"
    )
}

/// Without the characters that would end the name or the line.
fn person(text: &str) -> String {
    let clean: String = text.chars().filter(|c| !c.is_control() && !"<>".contains(*c)).collect();
    clean.trim().trim_matches(['.', ',', ';', ':', '"', '\'']).trim().to_owned()
}

/// What a tag object points at.
pub(crate) fn target(bytes: &[u8]) -> Option<ObjectId> {
    let line = bytes.split(|byte| *byte == b'\n').next()?;
    std::str::from_utf8(line).ok()?.strip_prefix("object ")?.parse().ok()
}

/// What stands below the header of a tag object.
pub(crate) fn body(bytes: &[u8]) -> &[u8] {
    let end = bytes.windows(2).position(|pair| pair == b"\n\n");
    end.and_then(|end| bytes.get(end + 2..)).unwrap_or_default()
}

/// What a tag object says: its tagger and its message.
pub(crate) fn read(id: ObjectId, bytes: &[u8]) -> Result<(Option<Signature>, String), GitError> {
    let text = String::from_utf8_lossy(bytes);
    let (header, message) = text.split_once("\n\n").unwrap_or((text.as_ref(), ""));
    let tagger = header.lines().find_map(|line| line.strip_prefix("tagger "));
    let tagger = tagger.map(|line| signature(line).ok_or_else(|| unreadable(id))).transpose()?;
    let message = unsigned(message);
    Ok((tagger, message.strip_suffix('\n').unwrap_or(message).to_owned()))
}

/// What made the signature below a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignedBy {
    OpenPgp,
    OpenSsh,
    Other,
}

/// What signed a tag object, where anything did.
pub(crate) fn signed_by(bytes: &[u8]) -> Option<SignedBy> {
    let text = String::from_utf8_lossy(bytes);
    let (_, message) = text.split_once("\n\n")?;
    let signature = message.get(signature_at(message)?..)?;
    Some(match SIGNATURES.iter().position(|begin| signature.starts_with(begin)) {
        Some(0 | 1) => SignedBy::OpenPgp,
        Some(2) => SignedBy::OpenSsh,
        _ => SignedBy::Other,
    })
}

/// How signatures begin that git puts below a message: of OpenPGP, SSH and X.509.
const SIGNATURES: [&str; 4] = [
    "-----BEGIN PGP SIGNATURE-----",
    "-----BEGIN PGP MESSAGE-----",
    "-----BEGIN SSH SIGNATURE-----",
    "-----BEGIN SIGNED MESSAGE-----",
];

/// The message without the signature below it. As in git, the last line that begins one counts: a message
/// may speak of signatures.
fn unsigned(message: &str) -> &str {
    signature_at(message).and_then(|at| message.get(..at)).unwrap_or(message)
}

fn signature_at(message: &str) -> Option<usize> {
    let begins = |at: &usize| {
        let line = message.get(*at..).unwrap_or_default();
        SIGNATURES.iter().any(|signature| line.starts_with(signature))
    };
    let starts = message.match_indices('\n').map(|(at, _)| at + 1);
    std::iter::once(0).chain(starts).rfind(begins)
}

fn unreadable(id: ObjectId) -> GitError {
    GitError::WrongKind { id, found: "tag that cannot be read".to_owned(), expected: "tag" }
}

/// Reads `Name <email> seconds zone`.
fn signature(line: &str) -> Option<Signature> {
    let (who, when) = line.rsplit_once("> ")?;
    let (name, email) = who.split_once('<')?;
    let seconds = when.split_whitespace().next()?.parse().ok()?;
    let time = Timestamp::from_unix_seconds(seconds)?;
    Some(Signature { name: name.trim_end().to_owned(), email: email.to_owned(), time })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(digit: char) -> ObjectId {
        digit.to_string().repeat(40).parse().unwrap()
    }

    fn tagger(name: &str, email: &str) -> Signature {
        let time = Timestamp::from_unix_seconds(1_700_000_000).unwrap();
        Signature { name: name.to_owned(), email: email.to_owned(), time }
    }

    #[test]
    fn is_what_git_writes() {
        let ana = tagger("Ana", "ana@example.com");
        let text = write(id('a'), TargetKind::Commit, "api/v1.0.0", &ana, "first");
        let expected = format!(
            "object {}\ntype commit\ntag api/v1.0.0\ntagger Ana <ana@example.com> 1700000000 +0000\n\nfirst\n",
            id('a')
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn cannot_be_broken_by_a_name() {
        let text = write(id('a'), TargetKind::Blob, "x", &tagger("A <b>\nobject", "c>\n"), "m");
        assert!(text.contains("\ntagger A bobject <c> 1700000000 +0000\n\n"), "{text}");
        assert!(
            write(id('a'), TargetKind::Blob, "x", &tagger(" ", ""), "m")
                .contains("tagger unknown <> ")
        );
    }

    #[test]
    fn reads_old_tags_without_a_tagger() {
        let text = format!("object {}\ntype commit\ntag old\n\nmessage\n\nmore\n", id('b'));
        assert_eq!(read(id('c'), text.as_bytes()).unwrap(), (None, "message\n\nmore".to_owned()));
        assert_eq!(target(text.as_bytes()), Some(id('b')));
    }

    #[test]
    fn a_signature_is_no_part_of_the_message() {
        for begin in SIGNATURES {
            let header = format!("object {}\ntype commit\ntag v1\n\n", id('b'));
            let read = |message: &str| {
                let text = format!("{header}{message}");
                read(id('c'), text.as_bytes()).unwrap().1
            };
            let block = format!("{begin}\nU1NIU0lH\n-----END SSH SIGNATURE-----\n");
            assert_eq!(read(&format!("one\n\ntwo\n{block}")), "one\n\ntwo");
            assert_eq!(read(&block), "");
            assert_eq!(read(&format!("{block}more\n{block}")), format!("{block}more"));
            assert_eq!(read(&format!("of {begin}\n")), format!("of {begin}"));
        }
    }

    proptest! {
        #[test]
        fn reads_what_it_wrote(
            name in "[A-Za-zé][A-Za-zé ]{0,10}[a-zü]", email in "[a-z@]{0,12}", message in "[^\0\r]{0,40}",
        ) {
            let written = tagger(&name, &email);
            let text = write(id('a'), TargetKind::Commit, "t", &written, &message);
            let (read_tagger, read_message) = read(id('b'), text.as_bytes()).unwrap();
            prop_assert_eq!(target(text.as_bytes()), Some(id('a')));
            prop_assert_eq!(read_tagger, Some(written));
            prop_assert_eq!(read_message, message.trim_end_matches('\n'));
        }
    }
}
