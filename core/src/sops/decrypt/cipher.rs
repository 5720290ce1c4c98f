//! One value as SOPS encrypts it: AES-256-GCM with a nonce of 32 bytes, its place in the file as what it is bound to.

use std::fmt;

use aes_gcm::AesGcm;
use aes_gcm::aead::consts::U32;
use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::aes::Aes256;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// The key of all values of a file. It is cleared when it goes.
pub(crate) struct DataKey(AesGcm<Aes256, U32>);

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(…)")
    }
}

impl DataKey {
    /// A key has 32 bytes.
    pub(crate) fn new(bytes: &[u8]) -> Option<Self> {
        AesGcm::new_from_slice(bytes).ok().map(Self)
    }

    /// What a text stands for, and of which type it is; nothing where it is not of this file or not of this
    /// place.
    pub(crate) fn open<'a>(
        &self,
        text: &'a str,
        place: &str,
    ) -> Option<(Zeroizing<Vec<u8>>, &'a str)> {
        let text = text.trim_end_matches(['\n', '\r']);
        let parts = text.strip_prefix("ENC[AES256_GCM,data:")?.strip_suffix(']')?;
        let (data, rest) = parts.split_once(",iv:")?;
        let (nonce, rest) = rest.split_once(",tag:")?;
        let (tag, kind) = rest.split_once(",type:")?;
        let nonce: [u8; 32] = STANDARD.decode(nonce).ok()?.try_into().ok()?;
        let mut sealed = STANDARD.decode(data).ok()?;
        sealed.extend(STANDARD.decode(tag).ok().filter(|tag| tag.len() == 16)?);
        let sealed = Payload { msg: &sealed, aad: place.as_bytes() };
        Some((Zeroizing::new(self.0.decrypt(&nonce.into(), sealed).ok()?), kind))
    }
}
