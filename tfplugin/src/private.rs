//! Bytes that a resource stores beside its state, under names of its choosing.
//!
//! On the wire they are one JSON object of base64 strings. It is read on first use and only written
//! again after a change, so that untouched bytes go back exactly as they came.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The private store of one object during one call.
#[derive(Debug, Default)]
pub struct Private {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    stored: Vec<u8>,
    entries: Option<BTreeMap<String, String>>,
    changed: bool,
}

impl Private {
    /// What the host stored.
    #[must_use]
    pub(crate) fn new(stored: Vec<u8>) -> Self {
        Self { inner: Mutex::new(Inner { stored, ..Inner::default() }) }
    }

    /// The bytes stored under `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Vec<u8>> {
        STANDARD.decode(self.lock().entries().get(name)?).ok()
    }

    /// Stores `bytes` under `name`, in place of what was there.
    pub fn set(&self, name: &str, bytes: Vec<u8>) {
        let mut inner = self.lock();
        inner.changed = true;
        inner.entries().insert(name.to_owned(), STANDARD.encode(bytes));
    }

    /// Forgets what is stored under `name`.
    pub fn remove(&self, name: &str) {
        let mut inner = self.lock();
        inner.changed |= inner.entries().remove(name).is_some();
    }

    /// The value whose text is stored under `name`; nothing where that is no such value.
    #[must_use]
    pub fn value<T: FromStr>(&self, name: &str) -> Option<T> {
        std::str::from_utf8(&self.get(name)?).ok()?.parse().ok()
    }

    /// Stores the text of a value under `name`, or forgets what is there where there is no value.
    pub fn keep(&self, name: &str, value: Option<impl ToString>) {
        match value {
            Some(value) => self.set(name, value.to_string().into_bytes()),
            None => self.remove(name),
        }
    }

    /// The bytes for the host.
    #[must_use]
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let inner = self.lock();
        match &inner.entries {
            Some(entries) if inner.changed => serde_json::to_vec(entries).unwrap_or_default(),
            _ => inner.stored.clone(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn entries(&mut self) -> &mut BTreeMap<String, String> {
        // Bytes that are no such object were not written by this module: they are not entries.
        self.entries.get_or_insert_with(|| serde_json::from_slice(&self.stored).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::Private;

    #[test]
    fn untouched_bytes_go_back_as_they_came() {
        let stored = br#"{ "a" : "AQI=" }"#.to_vec();
        let private = Private::new(stored.clone());
        assert_eq!(private.get("a"), Some(vec![1, 2]));
        assert_eq!(private.get("b"), None);
        assert_eq!(private.bytes(), stored);
    }

    #[test]
    fn what_is_set_is_found_again() {
        let private = Private::new(Vec::new());
        private.set("token", vec![0, 255]);
        let again = Private::new(private.bytes());
        assert_eq!(again.get("token"), Some(vec![0, 255]));
        again.keep("count", Some(7_u8));
        assert_eq!((again.value("count"), again.value::<u8>("token")), (Some(7_u8), None));
        again.keep("count", None::<u8>);
        assert_eq!(again.value::<u8>("count"), None);
        again.remove("token");
        assert_eq!(Private::new(again.bytes()).get("token"), None);
    }
}
