//! The file format of age, version 1, as far as SOPS uses it: a data key of one chunk, sealed for X25519 recipients.
//!
//! Only the format is here; the mathematics are those of the crates. Left out: other recipients (passphrases, SSH,
//! plugins, post-quantum), longer payloads, and encrypting.

use aes_gcm::aead::{Aead as _, KeyInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use bech32::primitives::decode::CheckedHrpstring;
use chacha20poly1305::ChaCha20Poly1305;
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

const BEGIN: &str = "-----BEGIN AGE ENCRYPTED FILE-----";
const END: &str = "-----END AGE ENCRYPTED FILE-----";
const VERSION: &str = "age-encryption.org/v1\n";
const STANZA: &str = "-> X25519 ";
/// What stands before the code that seals the header.
const LAST: &str = "--- ";
/// How many letters of a sealed data key are looked at. SOPS writes some 400 for each recipient.
const LONGEST: usize = 64 * 1024;
/// How many recipients of one sealed key are tried: each costs time.
const MOST_STANZAS: usize = 16;
/// How long what seals a chunk is.
const TAG: usize = 16;

/// What a recipient decrypts with.
pub(crate) struct Identity {
    secret: StaticSecret,
    public: PublicKey,
}

impl Identity {
    /// An identity as `age-keygen` prints it.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let checked = CheckedHrpstring::new::<bech32::Bech32>(text).ok()?;
        let is_ours = checked.hrp().as_str().eq_ignore_ascii_case("age-secret-key-");
        let bytes: Zeroizing<Vec<u8>> = Zeroizing::new(checked.byte_iter().collect());
        let key: [u8; 32] = bytes.as_slice().try_into().ok().filter(|_| is_ours)?;
        let secret = StaticSecret::from(key);
        Some(Self { public: PublicKey::from(&secret), secret })
    }

    /// Who is meant by a file that is sealed for it.
    pub(crate) fn recipient(&self) -> String {
        let name = bech32::Hrp::parse_unchecked("age");
        bech32::encode::<bech32::Bech32>(name, self.public.as_bytes()).unwrap_or_default()
    }
}

/// Why nothing came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shut {
    /// None of the identities is meant.
    NotForUs,
    /// It is no such file, or was changed.
    Damaged,
}

/// What is sealed, by the first of the identities that it is meant for.
pub(crate) fn open(armoured: &str, identities: &[Identity]) -> Result<Zeroizing<Vec<u8>>, Shut> {
    let file = bare(armoured).ok_or(Shut::Damaged)?;
    let parts = Parts::of(&file).ok_or(Shut::Damaged)?;
    let key = identities.iter().find_map(|identity| parts.file_key(identity));
    let key = key.ok_or(Shut::NotForUs)?;
    if parts.is_genuine(&key) {
        parts.payload(&key).ok_or(Shut::Damaged)
    } else {
        Err(Shut::Damaged)
    }
}

/// The bytes in the armour.
fn bare(armoured: &str) -> Option<Vec<u8>> {
    let armoured = (armoured.len() <= LONGEST).then_some(armoured)?;
    let text = armoured.trim().strip_prefix(BEGIN)?.strip_suffix(END)?;
    let letters: String = text.lines().map(str::trim).collect();
    STANDARD.decode(letters).ok()
}

/// A file, in its parts.
struct Parts<'a> {
    /// All that its code is made from.
    header: &'a [u8],
    code: Vec<u8>,
    /// Their shares, and the file's key sealed by each.
    stanzas: Vec<([u8; 32], Vec<u8>)>,
    /// Makes the key of the payload.
    nonce: &'a [u8],
    payload: &'a [u8],
}

type FileKey = Zeroizing<Vec<u8>>;

impl<'a> Parts<'a> {
    fn of(file: &'a [u8]) -> Option<Self> {
        let begin = format!("\n{LAST}");
        let last = file.windows(begin.len()).position(|letters| letters == begin.as_bytes())?;
        let end = last + begin.len();
        let rest = file.get(end..)?;
        let line = rest.iter().position(|byte| *byte == b'\n')?;
        let (code, body) = rest.split_at(line);
        let (nonce, payload) = body.get(1..)?.split_at_checked(16)?;
        let text = std::str::from_utf8(file.get(..=last)?).ok()?;
        Some(Self {
            header: file.get(..end - 1)?,
            code: STANDARD_NO_PAD.decode(code).ok()?,
            stanzas: stanzas(text.strip_prefix(VERSION)?)?,
            nonce,
            payload,
        })
    }

    fn file_key(&self, identity: &Identity) -> Option<FileKey> {
        self.stanzas.iter().find_map(|(share, sealed)| {
            let shared = identity.secret.diffie_hellman(&PublicKey::from(*share));
            if !shared.was_contributory() {
                return None;
            }
            let salt = [share.as_slice(), identity.public.as_bytes()].concat();
            let key = derived(&salt, shared.as_bytes(), b"age-encryption.org/v1/X25519")?;
            let opened = unsealed(&key, [0; 12], sealed)?;
            (opened.len() == 16).then_some(opened)
        })
    }

    /// Whether who made the header had the key.
    fn is_genuine(&self, key: &FileKey) -> bool {
        let Some(key) = derived(&[], key, b"header") else { return false };
        let Ok(mut code) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key.as_slice()) else {
            return false;
        };
        code.update(self.header);
        code.verify_slice(&self.code).is_ok()
    }

    fn payload(&self, key: &FileKey) -> Option<Zeroizing<Vec<u8>>> {
        let key = derived(self.nonce, key, b"payload")?;
        // The first chunk, which is the last as well.
        let nonce = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        unsealed(&key, nonce, self.payload)
    }
}

/// The stanzas that X25519 recipients have; those of others are passed over.
fn stanzas(text: &str) -> Option<Vec<([u8; 32], Vec<u8>)>> {
    let mut found = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        line.strip_prefix("-> ")?;
        let mut body = String::new();
        while let Some(more) = lines.next_if(|next| !next.starts_with("-> ")) {
            body.push_str(more);
        }
        let Some(share) = line.strip_prefix(STANZA) else { continue };
        let share = STANDARD_NO_PAD.decode(share).ok()?.try_into().ok()?;
        let sealed = STANDARD_NO_PAD.decode(body).ok()?;
        found.push((share, sealed));
    }
    (found.len() <= MOST_STANZAS).then_some(found)
}

fn derived(salt: &[u8], from: &[u8], purpose: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let mut key = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(Some(salt), from).expand(purpose, key.as_mut_slice()).ok()?;
    Some(key)
}

fn unsealed(key: &[u8; 32], nonce: [u8; 12], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = ChaCha20Poly1305::new_from_slice(key).ok()?;
    let sealed = (sealed.len() >= TAG).then_some(sealed)?;
    cipher.decrypt(&nonce.into(), sealed).ok().map(Zeroizing::new)
}
