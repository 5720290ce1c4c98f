//! A resource with an attribute of every kind.

use std::collections::BTreeMap;
use std::time::Duration;

use tfplugin::{
    Change, Computed, Context, Diagnostic, Diagnostics, ImportKey, Model, MoveSource, Number, Path,
    Resource, Value, WriteOnly,
};

use crate::Shared;

/// How long slow work takes that nobody stops.
const LONG: Duration = Duration::from_secs(5);

/// A thing.
#[derive(Debug, Clone, Model)]
#[tf(version = 1)]
pub(crate) struct Thing {
    /// The name for ever.
    #[tf(identity, requires_replace)]
    pub name: String,
    /// How it misbehaves: `slow`, `stubborn`, `fail`, `fail-delete`, `panic`, `panic-plan`, `gone`,
    /// `warn`, `mark:` and a file to write after a while, or `mute:` and a file to write before a plan that
    /// never ends.
    pub mode: Option<String>,
    /// Any number.
    pub size: Option<Number>,
    /// Anything at all.
    pub any: Option<Value>,
    /// Words under names.
    pub tags: Option<BTreeMap<String, String>>,
    /// How many.
    #[tf(default = 3)]
    pub replicas: i64,
    /// Where, unless that is left open.
    #[tf(optional)]
    pub zone: Computed<String>,
    /// Given by the provider once.
    #[tf(use_state_for_unknown)]
    pub id: Computed<String>,
    /// What the provider says after each change.
    pub note: Computed<String>,
    /// Never stored.
    pub secret: WriteOnly<String>,
    /// Changes whenever the secret does.
    pub secret_version: Option<i64>,
    /// Parts by name.
    pub parts: Option<BTreeMap<String, Part>>,
    /// Rules in order.
    #[tf(block, max = 3)]
    pub rule: Vec<Rule>,
}

/// A part of a thing.
#[derive(Debug, Clone, Model)]
pub(crate) struct Part {
    /// What it is made of.
    #[tf(requires_replace)]
    pub material: String,
    /// What it weighs.
    pub weight: Computed<i64>,
}

/// A rule of a thing.
#[derive(Debug, Clone, Model)]
pub(crate) struct Rule {
    /// What it is about.
    pub pattern: String,
    /// How strict it is.
    #[tf(default = 1)]
    pub level: i64,
}

impl Thing {
    fn is(&self, mode: &str) -> bool {
        self.mode.as_deref() == Some(mode)
    }

    async fn finished(mut self, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        let mut said = "done";
        if self.is("slow") {
            tokio::select! {
                () = tokio::time::sleep(LONG) => {}
                () = cx.stop.wait() => said = "stopped",
            }
        }
        if self.is("stubborn") {
            tokio::time::sleep(LONG).await;
        }
        if let Some(path) = self.mode.as_deref().and_then(|mode| mode.strip_prefix("mark:")) {
            tokio::time::sleep(LONG / 10).await;
            mark(path)?;
        }
        assert!(!self.is("panic"), "the thing panicked");
        if self.is("warn") {
            cx.warn(Diagnostic::warning("mode", "Warned", "As asked."));
        }
        cx.private().set("made", self.name.clone().into_bytes());
        self.id = Computed::known(format!("id-{}", self.name));
        self.note = Computed::known(format!("{}{said}", cx.provider.greeting));
        if self.zone.is_unknown() {
            self.zone = Computed::known("somewhere".to_owned());
        }
        for (material, part) in self.parts.iter_mut().flatten() {
            part.weight = Computed::known(i64::try_from(material.len()).unwrap_or_default());
        }
        Ok(self)
    }
}

fn mark(path: &str) -> Result<(), Diagnostic> {
    std::fs::write(path, [])
        .map_err(|error| Diagnostic::error(Thing::MODE, "Cannot write the mark", error.to_string()))
}

impl Resource for Thing {
    const NAME: &'static str = "conform_thing";
    type Provider = Shared;

    async fn plan(_: &Context<Self>, change: &mut Change<Self>) -> Result<(), Diagnostics> {
        let mode = change.planned.mode.known().map(String::as_str);
        assert!(mode != Some("panic-plan"), "the plan panicked");
        match mode.and_then(|mode| mode.strip_prefix("mute:")) {
            Some(path) => {
                mark(path)?;
                std::future::pending().await
            }
            None => Ok(()),
        }
    }

    async fn create(self, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        if self.is("fail") {
            let partial = Self { note: Computed::known("half".to_owned()), ..self };
            cx.checkpoint(&partial);
            return Err(Diagnostic::error("mode", "Failed", "As asked.").into());
        }
        self.finished(cx).await
    }

    async fn read(self, _: &Context<Self>) -> Result<Option<Self>, Diagnostics> {
        Ok((!self.is("gone")).then_some(self))
    }

    async fn update(self, _: Self, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        self.finished(cx).await
    }

    async fn delete(self, _: &Context<Self>) -> Result<(), Diagnostics> {
        if self.is("fail-delete") {
            return Err(Diagnostic::error("mode", "Failed", "As asked.").into());
        }
        Ok(())
    }

    async fn import(key: ImportKey<Self>, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        let name = match key {
            ImportKey::Id(id) => id,
            ImportKey::Identity(draft) => draft.name.known().cloned().unwrap_or_default(),
        };
        if name == "nobody" {
            return Err(Diagnostic::error(Path::root(), "No such thing", "There is none.").into());
        }
        named(name).finished(cx).await
    }

    fn upgrade(_: i64, raw: serde_json::Value) -> Result<Self, Diagnostics> {
        // Version 0 called the name a title.
        let Some(title) = raw.get("title").and_then(serde_json::Value::as_str) else {
            return Err(Diagnostic::error(Path::root(), "Old state", "There is no title.").into());
        };
        Ok(Self { note: Computed::known("upgraded".to_owned()), ..named(title.to_owned()) })
    }

    fn move_from(source: &MoveSource) -> Option<Result<Self, Diagnostics>> {
        let name = source.state.get("name")?.as_str()?;
        (source.type_name == "other_thing").then(|| Ok(named(name.to_owned())))
    }
}

/// A thing of which only the name is known.
pub(crate) fn named(name: String) -> Thing {
    Thing {
        name,
        mode: None,
        size: None,
        any: None,
        tags: None,
        replicas: 3,
        zone: Computed::Unknown,
        id: Computed::Unknown,
        note: Computed::Unknown,
        secret: WriteOnly::default(),
        secret_version: None,
        parts: None,
        rule: Vec::new(),
    }
}
