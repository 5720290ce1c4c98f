//! An ephemeral resource that writes down what is done with it.

use std::io::Write as _;
use std::time::{Duration, SystemTime};

use tfplugin::{Computed, Diagnostic, Diagnostics, Ephemeral, EphemeralContext, Model};

use crate::Shared;

/// When a session wants to be renewed, from the start of time.
const DUE: Duration = Duration::from_secs(4_000_000_000);

/// A session.
#[derive(Debug, Clone, Model)]
pub(crate) struct Session {
    /// Who has it.
    pub name: String,
    /// How it misbehaves: `fail`, `panic`, or `fail-renew`.
    pub mode: Option<String>,
    /// The file that is told what is done with it.
    pub journal: String,
    /// How many may share it.
    #[tf(default = 3)]
    pub seats: i64,
    /// What lets them in.
    pub token: Computed<String>,
}

type Cx = EphemeralContext<Session>;

fn tell(cx: &Cx, what: &str) -> Result<(), Diagnostics> {
    let [name, journal, round] =
        ["name", "journal", "round"].map(|it| cx.private().value::<String>(it));
    let line = format!("{what} {} {}\n", name.unwrap_or_default(), round.unwrap_or_default());
    let file = std::fs::File::options().append(true).create(true).open(journal.unwrap_or_default());
    file.and_then(|mut file| file.write_all(line.as_bytes())).map_err(|error| {
        Diagnostic::error(Session::JOURNAL, "No journal", error.to_string()).into()
    })
}

impl Ephemeral for Session {
    const NAME: &'static str = "conform_session";
    type Provider = Shared;

    fn validate(draft: &SessionDraft, out: &mut Diagnostics) {
        if draft.name.known().is_some_and(String::is_empty) {
            out.push(draft.name.error("Nobody", "A session is somebody's."));
        }
    }

    async fn open(self, cx: &Cx) -> Result<Self, Diagnostics> {
        let mode = self.mode.as_deref().unwrap_or_default();
        assert!(mode != "panic", "the session panicked");
        if mode == "fail" {
            return Err(Diagnostic::error(Self::MODE, "Failed", "As asked.").into());
        }
        cx.private().keep("name", Some(&self.name));
        cx.private().keep("journal", Some(&self.journal));
        cx.private().keep("round", Some(0));
        cx.private().keep("fails", (mode == "fail-renew").then_some(true));
        cx.renew_at(SystemTime::UNIX_EPOCH + DUE);
        tell(cx, "open")?;
        let token = Computed::known(format!("{}{}", cx.provider.greeting, self.name));
        Ok(Self { token, ..self })
    }

    async fn renew(cx: &Cx) -> Result<(), Diagnostics> {
        let round = cx.private().value("round").unwrap_or(0) + 1;
        cx.private().keep("round", Some(round));
        if cx.private().value("fails") == Some(true) {
            return Err(Diagnostic::error(tfplugin::Path::root(), "Failed", "As asked.").into());
        }
        if round < 2 {
            cx.renew_at(SystemTime::UNIX_EPOCH + 2 * DUE);
        }
        tell(cx, "renew")
    }

    async fn close(cx: &Cx) -> Result<(), Diagnostics> {
        tell(cx, "close")
    }
}
