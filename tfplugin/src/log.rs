//! The log: one JSON object per line on stderr, in the keys the host reads.
//!
//! Nothing is written unless one of the `TF_LOG` variables asks for it, because the host would drop
//! it anyway.

use std::fmt::Display;
use std::io::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use serde_json::{Map, Value as Json};

/// The host splits longer lines and then reads none of their keys.
const LINE_LIMIT: usize = 60 << 10;

/// How much a line matters; the order is that of importance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }

    /// As the host reads it: `off` and nothing are silence, an unknown word is everything.
    fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "" | "off" | "none" => None,
            "debug" => Some(Self::Debug),
            "info" => Some(Self::Info),
            "warn" => Some(Self::Warn),
            "error" => Some(Self::Error),
            _ => Some(Self::Trace),
        }
    }
}

/// Where lines go. Clones write to the same place.
#[derive(Clone)]
pub struct Log(Option<Arc<Target>>);

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Log" } else { "Log(off)" })
    }
}

struct Target {
    least: Level,
    address: String,
    requests: AtomicU64,
}

impl Log {
    /// No log at all.
    #[must_use]
    pub const fn off() -> Self {
        Self(None)
    }

    /// The most specific variable that is set decides.
    pub(crate) fn from_variables(
        variable: impl Fn(&str) -> Option<String>,
        type_name: &str,
        address: &str,
    ) -> Self {
        let own = format!("TF_LOG_PROVIDER_{}", type_name.to_ascii_uppercase().replace('-', "_"));
        let names = ["TF_LOG_SDK_PROTO", "TF_LOG_SDK", &own, "TF_LOG_PROVIDER", "TF_LOG"];
        let chosen = names.into_iter().find_map(|name| variable(name).filter(|v| !v.is_empty()));
        Self(chosen.and_then(|text| Level::parse(&text)).map(|least| {
            let address = address.to_owned();
            Arc::new(Target { least, address, requests: AtomicU64::new(0) })
        }))
    }

    /// Writes a line if anyone asked for lines of this level.
    pub(crate) fn write(&self, level: Level, message: &str, facts: &[(&str, &dyn Display)]) {
        let Some(target) = self.0.as_deref().filter(|target| target.least <= level) else {
            return;
        };
        let line = line(level, message, &target.address, facts);
        // Where stderr is closed there is nobody to tell.
        let _ = io::stderr().lock().write_all(line.as_bytes());
    }

    /// Says what goes on, in detail, for people who look for a fault. Never a secret.
    pub fn debug(&self, message: &str, facts: &[(&str, &dyn Display)]) {
        self.write(Level::Debug, message, facts);
    }

    /// Whether anyone asked for lines of detail.
    #[must_use]
    pub fn has_detail(&self) -> bool {
        self.0.as_deref().is_some_and(|target| target.least <= Level::Debug)
    }

    /// Says what goes on, for people who asked for lines of this level. Never a secret.
    pub fn info(&self, message: &str, facts: &[(&str, &dyn Display)]) {
        self.write(Level::Info, message, facts);
    }

    pub(crate) fn warn(&self, message: &str, error: &dyn Display) {
        self.write(Level::Warn, message, &[("error", error)]);
    }

    /// Begins the record of one rpc.
    pub(crate) fn request(&self, rpc: &'static str) -> Record<'_> {
        let number = self.0.as_deref().map_or(0, |t| t.requests.fetch_add(1, Ordering::Relaxed));
        let record = Record { log: self, rpc, number, begun: Instant::now() };
        self.write(Level::Trace, "Received request", &[("tf_req_id", &number), ("tf_rpc", &rpc)]);
        record
    }

    /// Writes panics as lines, instead of as plain text; without a log they stay plain.
    pub(crate) fn take_panics(&self) {
        if self.0.is_none() {
            return;
        }
        let log = self.clone();
        std::panic::set_hook(Box::new(move |panic| {
            log.write(Level::Error, "Panic in the provider", &[("panic", panic)]);
        }));
    }
}

/// One rpc in progress.
pub(crate) struct Record<'a> {
    log: &'a Log,
    rpc: &'static str,
    number: u64,
    begun: Instant,
}

impl Record<'_> {
    pub(crate) fn answered(self) {
        let elapsed = self.begun.elapsed().as_millis();
        let facts: [(&str, &dyn Display); 3] =
            [("tf_req_id", &self.number), ("tf_rpc", &self.rpc), ("tf_req_duration_ms", &elapsed)];
        self.log.write(Level::Debug, "Served request", &facts);
    }
}

fn line(level: Level, message: &str, address: &str, facts: &[(&str, &dyn Display)]) -> String {
    let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
    let fixed = [
        ("@level", level.name()),
        ("@message", message),
        ("@module", "sdk.proto"),
        ("@timestamp", &now),
        ("tf_provider_addr", address),
        ("tf_proto_version", "6"),
    ];
    let text = |text: &str| Json::from(text.chars().take(LINE_LIMIT / 8).collect::<String>());
    let fixed = fixed.into_iter().map(|(key, value)| (key.to_owned(), text(value)));
    let facts = facts.iter().map(|(key, fact)| ((*key).to_owned(), text(&fact.to_string())));
    let mut line = Json::Object(fixed.chain(facts).collect::<Map<_, _>>()).to_string();
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(variables: &[(&str, &str)]) -> Option<Level> {
        let lookup = |name: &str| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        Log::from_variables(lookup, "my-cloud", "example.com/a/my-cloud").0.map(|t| t.least)
    }

    #[test]
    fn the_most_specific_variable_decides() {
        assert_eq!(level(&[]), None);
        assert_eq!(level(&[("TF_LOG", "warn")]), Some(Level::Warn));
        assert_eq!(level(&[("TF_LOG", "JSON")]), Some(Level::Trace));
        assert_eq!(level(&[("TF_LOG", "trace"), ("TF_LOG_PROVIDER", "off")]), None);
        assert_eq!(
            level(&[("TF_LOG_PROVIDER", "error"), ("TF_LOG_PROVIDER_MY_CLOUD", "DEBUG")]),
            Some(Level::Debug)
        );
        assert_eq!(level(&[("TF_LOG_SDK_PROTO", "info"), ("TF_LOG", "debug")]), Some(Level::Info));
    }

    #[test]
    fn a_line_has_the_keys_the_host_reads_as_strings() {
        let line = line(Level::Warn, "two\nlines", "example.com/a/b", &[("count", &3)]);
        assert_eq!(line.matches('\n').count(), 1);
        let json: Json = serde_json::from_str(&line).unwrap();
        assert_eq!(json["@level"], "warn");
        assert_eq!(json["@message"], "two\nlines");
        assert_eq!(json["count"], "3");
        let time = json["@timestamp"].as_str().unwrap();
        assert_eq!(time.len(), "2026-01-02T15:04:05.000000Z".len(), "{time}");
        assert!(time.parse::<jiff::Timestamp>().is_ok());
    }

    #[test]
    fn a_line_stays_below_what_the_host_takes() {
        let long = "\u{1}".repeat(1 << 20);
        assert!(line(Level::Info, &long, "a", &[]).len() < 64 << 10);
    }
}
