//! Signs tags where the user's git would (`tag.gpgSign`, `tag.forceSignAnnotated`), and records where a policy asks
//! for it.
//!
//! That git does it, in a repository of this process alone with the clone's settings: so whatever format,
//! program, key and agent a person has set up serve here as they do for `git tag`. The clone gets nothing.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::time::Duration;

use git2::ObjectType;

use super::command::Answer;
use super::config_file;
use super::neighbour::Neighbour;
use super::side_store::{Places, SideStore};
use super::{Parts, Repository, tag_text};
use crate::RefName;
use crate::git::error::GitError;
use crate::git::object_id::ObjectId;
use crate::git::tag::Signature;

/// How long signing may take: a person may be asked for a touch or a passphrase.
const PATIENCE: Duration = Duration::from_secs(2 * 60);

/// Where tags are signed.
pub(super) struct Workshop {
    side: SideStore,
    /// Whose key, where no setting says so.
    signer: Option<String>,
}

impl Repository {
    /// The tag object with a signature, where the settings of git ask for one; else as it is.
    ///
    /// # Errors
    /// [`GitError::Unsigned`] where it has to be signed and cannot be.
    pub(crate) async fn sign_tag(&self, name: &str, tag: ObjectId) -> Result<ObjectId, GitError> {
        let Parts { objects, .. } = &*self.parts;
        let workshop = self.parts.workshop.get_or_try_init(|| self.open_workshop()).await?;
        let Some(workshop) = workshop else { return Ok(tag) };
        let (_, text) = objects.read(tag)?.ok_or_else(|| self.missing(tag))?;
        let signed = self.signed(workshop, name, tag, &text).await?;
        let target = tag_text::target(&text).ok_or_else(|| self.missing(tag))?;
        let id = objects.write_tag(signed, target, ObjectType::Commit)?;
        objects.let_go(&BTreeSet::from([tag]));
        Ok(id)
    }

    /// The object of a record with a signature by the user's git, whatever its settings say of tags.
    ///
    /// # Errors
    /// [`GitError::UnsignedRecord`] where it cannot be signed.
    pub(crate) async fn sign_record(
        &self,
        name: &RefName,
        record: ObjectId,
    ) -> Result<ObjectId, GitError> {
        let Parts { transport, objects, .. } = &*self.parts;
        let workshop = self.make_workshop(self.wish().await?).await?;
        let (_, text) = objects.read(record)?.ok_or_else(|| self.missing(record))?;
        let target = tag_text::target(&text).ok_or_else(|| self.missing(record))?;
        let (_, bytes) = objects.read(target)?.ok_or_else(|| self.missing(target))?;
        // What the record is over is stored nowhere yet.
        let write = ["hash-object", "-w", "--stdin"].map(Into::into).into();
        transport.call_in(workshop.side.git_dir(), write, bytes, &[]).await?;
        let short = name.as_str().strip_prefix("refs/").unwrap_or(name.as_str());
        let signed = self.signed(&workshop, short, record, &text).await;
        let signed = signed.map_err(|error| match error {
            GitError::Unsigned { detail, .. } => {
                GitError::UnsignedRecord { name: name.to_string(), detail }
            }
            other => other,
        })?;
        let id = objects.write_tag(signed, target, ObjectType::Blob)?;
        objects.let_go(&BTreeSet::from([record]));
        Ok(id)
    }

    /// Opens it, where anything is to be signed.
    async fn open_workshop(&self) -> Result<Option<Workshop>, GitError> {
        let wish = self.wish().await?;
        if wish.signs { self.make_workshop(wish).await.map(Some) } else { Ok(None) }
    }

    async fn wish(&self) -> Result<Wish, GitError> {
        let list = ["config", "--list", "--null"].map(Into::into).into();
        let listed = self.parts.transport.call(list, Vec::new(), &[]).await?;
        Ok(Wish::of(&config_file::entries(&listed)))
    }

    async fn make_workshop(&self, wish: Wish) -> Result<Workshop, GitError> {
        let Parts { transport, objects, .. } = &*self.parts;
        let places = objects.with(Places::of);
        let side = SideStore::beside(transport, &places).await?;
        let signer = if wish.names_key { None } else { self.signer().await? };
        Ok(Workshop { side, signer })
    }

    /// Whose key git takes where no setting says so: the person's who commits here, not the tagger's.
    async fn signer(&self) -> Result<Option<String>, GitError> {
        let asked = ["var", "GIT_COMMITTER_IDENT"].map(Into::into).into();
        let answer = self.parts.transport.call(asked, Vec::new(), &[]).await?;
        let line = answer.line().and_then(|line| line.rsplit_once('>'));
        Ok(line.map(|(person, _)| format!("{person}>")))
    }

    async fn signed(
        &self,
        workshop: &Workshop,
        name: &str,
        tag: ObjectId,
        text: &[u8],
    ) -> Result<String, GitError> {
        let (tagger, _) = tag_text::read(tag, text)?;
        let (Some(tagger), Some(target)) = (tagger, tag_text::target(text)) else {
            return Err(self.missing(tag));
        };
        let signing = self.run_signing(workshop, name, target, &tagger, text);
        let Ok(answer) = tokio::time::timeout(PATIENCE, signing).await else {
            let seconds = PATIENCE.as_secs();
            return Err(unsigned(name, format!("git gave no answer within {seconds} s")));
        };
        let (made, read) = answer?;
        // Git may fail to find a key, say so, and make the tag all the same.
        let signed = String::from_utf8(read.stdout).unwrap_or_default();
        if signed.len() > text.len() && signed.as_bytes().starts_with(text) {
            return Ok(signed);
        }
        Err(unsigned(name, made.detail()))
    }

    /// Has the tag made and signed, and asks for it.
    async fn run_signing(
        &self,
        workshop: &Workshop,
        name: &str,
        target: ObjectId,
        tagger: &Signature,
        text: &[u8],
    ) -> Result<(Answer, Answer), GitError> {
        let Parts { transport, truth, fetches, .. } = &*self.parts;
        let mut beside: Vec<_> = fetches.object_store().into_iter().collect();
        beside.extend(truth.neighbour().map(Neighbour::object_store));
        let git_dir = workshop.side.git_dir();
        let who = [
            ("GIT_COMMITTER_NAME", tagger.name.clone()),
            ("GIT_COMMITTER_EMAIL", tagger.email.clone()),
            ("GIT_COMMITTER_DATE", format!("@{} +0000", tagger.time.unix_seconds())),
        ];
        let who = who.map(|(name, value)| (name.into(), value.into())).into();
        let arguments = arguments(name, target, workshop.signer.as_deref());
        let message = tag_text::body(text).to_vec();
        let made = transport.call_as(who, git_dir, arguments, message, &beside).await?;
        let read = ["cat-file", "tag", &format!("refs/tags/{name}")].map(Into::into).into();
        let read = transport.call_in(git_dir, read, Vec::new(), &beside).await?;
        Ok((made, read))
    }
}

fn arguments(name: &str, target: ObjectId, signer: Option<&str>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> =
        ["tag", "--force", "--cleanup=verbatim", "--file=-"].map(Into::into).into();
    arguments.push(match signer {
        Some(signer) => format!("--local-user={signer}").into(),
        None => "--sign".into(),
    });
    arguments.extend(["--".into(), name.into(), target.to_string().into()]);
    arguments
}

fn unsigned(name: &str, detail: String) -> GitError {
    GitError::Unsigned { name: name.to_owned(), detail }
}

/// What the settings say of signatures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Wish {
    signs: bool,
    /// Whether they say whose key, or a command does.
    names_key: bool,
}

impl Wish {
    /// Of several values of one setting the last counts.
    fn of(entries: &[(&str, Option<&str>)]) -> Self {
        let last = |name: &str| entries.iter().rfind(|(other, _)| *other == name).map(|it| it.1);
        let is_on = |name: &str| last(name).is_some_and(is_true);
        let is_set = |name: &str| last(name).flatten().is_some_and(|value| !value.is_empty());
        Self {
            signs: is_on("tag.gpgsign") || is_on("tag.forcesignannotated"),
            names_key: is_set("user.signingkey") || last("gpg.format").flatten() == Some("ssh"),
        }
    }
}

/// A setting without a value is true; a number is, unless it is zero.
fn is_true(value: Option<&str>) -> bool {
    let Some(value) = value else { return true };
    let is_word = ["true", "yes", "on"].iter().any(|word| value.eq_ignore_ascii_case(word));
    is_word || value.parse::<i64>().is_ok_and(|number| number != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_settings_ask_for() {
        let wish = |signs, names_key| Wish { signs, names_key };
        let sign = ("tag.gpgsign", Some("true"));
        for (entries, expected) in [
            (vec![], wish(false, false)),
            (vec![sign], wish(true, false)),
            (vec![sign, ("tag.gpgsign", Some("false"))], wish(false, false)),
            (vec![("tag.forcesignannotated", None)], wish(true, false)),
            (vec![("tag.gpgsign", Some("On")), ("user.signingkey", Some("K"))], wish(true, true)),
            (vec![("tag.gpgsign", Some("1")), ("gpg.format", Some("ssh"))], wish(true, true)),
            (vec![("tag.gpgsign", Some("0")), ("gpg.format", Some("x509"))], wish(false, false)),
        ] {
            assert_eq!(Wish::of(&entries), expected, "{entries:?}");
        }
    }

    #[test]
    fn a_signer_is_one_argument() {
        let target: ObjectId = "a".repeat(40).parse().unwrap();
        let of = |signer| arguments("api/v1.0.0", target, signer).join(" ".as_ref());
        let start = "tag --force --cleanup=verbatim --file=-";
        let end = format!("-- api/v1.0.0 {target}");
        assert_eq!(of(None).to_str().unwrap(), format!("{start} --sign {end}"));
        let named = of(Some("Ana <a@b>"));
        assert_eq!(named.to_str().unwrap(), format!("{start} --local-user=Ana <a@b> {end}"));
    }
}
