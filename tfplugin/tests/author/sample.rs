//! A small provider that uses every kind of field, over a store in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex};

use tfplugin::Log;
use tfplugin::erased::{Call, Configured};
use tfplugin::stop::Stopper;
use tfplugin::{
    At as _, Change, ChangeKind, Computed, Context, DataContext, DataSource, Diagnostic,
    Diagnostics, Function, FunctionFault, ImportKey, Model, MoveSource, Offers, Provider, Resource,
    Sensitive, Stop, Text, Timeouts, WriteOnly,
};

/// Lower-case letters only, and it prints itself in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Word(String);

impl FromStr for Word {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if !text.is_empty() && text.chars().all(|c| c.is_ascii_alphabetic()) {
            return Ok(Self(text.to_ascii_lowercase()));
        }
        Err(format!("Found \"{text}\", but a word has only letters."))
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What to do when a rule does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Model)]
pub enum OnFailure {
    /// Refuse.
    Block,
    /// Warn
    /// and go on.
    WarnOnly,
    /// Say nothing.
    #[tf(rename = "off")]
    Ignore,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Model)]
#[tf(exactly_one_of(branch, pattern))]
pub struct Rule {
    /// Exact name.
    pub branch: Option<Text<Word>>,
    /// Glob.
    #[tf(validate = glob)]
    pub pattern: Option<String>,
    /// What to do.
    #[tf(default = OnFailure::Block)]
    pub on_failure: OnFailure,
}

fn glob(pattern: &str) -> Result<(), String> {
    if pattern.contains("**") { Err("`**` is not understood.".to_owned()) } else { Ok(()) }
}

/// Parts of a version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Model)]
pub struct Parts {
    /// Major.
    pub major: u64,
    /// Label.
    pub label: Option<String>,
}

/// A place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Model)]
pub struct Place {
    /// Its name.
    pub name: Text<Word>,
    /// Weight.
    #[tf(default = 1)]
    pub weight: i64,
    /// Given by the provider.
    pub address: Computed<String>,
}

/// A thing with every kind of field.
///
/// Second paragraph.
#[derive(Debug, Clone, Model)]
#[tf(version = 2, conflicts(alpha, beta))]
pub struct Thing {
    /// The name of the thing.
    #[tf(identity, requires_replace)]
    pub name: Text<Word>,
    /// A keyword as a name.
    pub r#type: Option<String>,
    /// Off unless set.
    #[tf(default = false)]
    pub force: bool,
    /// A prefix.
    #[tf(default = "v", requires_replace)]
    pub prefix: String,
    /// Set once.
    #[tf(use_state_for_unknown)]
    pub id: Computed<String>,
    /// Changes with every update.
    pub revision: Computed<i64>,
    /// Chosen by the provider unless set.
    #[tf(optional, requires_replace)]
    pub owner: Computed<String>,
    /// Parts of the version.
    pub version: Computed<Option<Parts>>,
    /// One of two.
    pub alpha: Option<String>,
    /// The other.
    #[tf(deprecated = "Use `alpha`.")]
    pub beta: Option<f64>,
    /// Words.
    pub words: Vec<Text<Word>>,
    /// Tags.
    pub tags: Option<BTreeMap<String, String>>,
    /// Unordered places.
    pub spots: Option<BTreeSet<Parts>>,
    /// Places by key.
    pub places: Option<BTreeMap<String, Place>>,
    /// Places in order.
    pub line: Option<Vec<Place>>,
    /// One place.
    pub home: Option<Place>,
    /// A token that is used once.
    pub token_wo: WriteOnly<Sensitive<String>>,
    /// A secret.
    pub secret: Option<Sensitive<String>>,
    /// How long things take.
    pub timeouts: Option<Timeouts>,
    /// Rules, in order.
    #[tf(block, max = 3)]
    pub rule: Vec<Rule>,
}

/// What the provider shares: things by name, and what went wrong on purpose.
#[derive(Debug, Default)]
pub struct Store {
    pub things: Mutex<BTreeMap<String, Thing>>,
    pub fault: Mutex<Option<Fault>>,
    pub tokens: Mutex<Vec<String>>,
}

/// What a test asks to go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    FailAtOnce,
    FailHalfway,
    PanicHalfway,
    LeaveUnknown,
    ChangeArgument,
    LosePlan,
    ReplaceNowhere,
    SetArgument,
    Rename,
    LoseMember,
}

impl Store {
    pub fn fault(&self) -> Option<Fault> {
        *self.fault.lock().unwrap()
    }
}

impl Thing {
    fn complete(mut self, revision: i64) -> Self {
        self.id = format!("id-{}", *self.name).into();
        self.revision = revision.into();
        if self.owner.is_unknown() {
            self.owner = "provider".to_owned().into();
        }
        self.version = Some(Parts { major: 1, label: None }).into();
        let places = self.places.iter_mut().flat_map(BTreeMap::values_mut);
        for place in places.chain(self.line.iter_mut().flatten()).chain(&mut self.home) {
            place.address = format!("at-{}", *place.name).into();
        }
        self
    }
}

pub fn failed(text: &str) -> Diagnostics {
    Diagnostic::error(tfplugin::Path::root(), "Failed on purpose", text).into()
}

impl Resource for Thing {
    const NAME: &'static str = "sample_thing";
    type Provider = Store;

    fn validate(draft: &ThingDraft, out: &mut Diagnostics) {
        if draft.prefix.known().is_some_and(|prefix| prefix.contains(' ')) {
            out.push(draft.prefix.error("Invalid prefix", "A prefix has no spaces."));
        }
    }

    async fn plan(cx: &Context<Self>, change: &mut Change<Self>) -> Result<(), Diagnostics> {
        if change.kind() == ChangeKind::Delete {
            let kept = change.prior.as_ref().is_some_and(|prior| prior.prefix == "keep");
            return if kept { Err(failed("It must be kept.")) } else { Ok(()) };
        }
        if change.config.alpha.known().is_some_and(|alpha| alpha == "replace") {
            change.requires_replace(Self::ALPHA);
            change.requires_replace(Self::ALPHA);
        }
        match change.config.alpha.known().map(String::as_str) {
            Some("keep") => {
                change.planned.owner.set_unknown();
                change.keep_computed();
            }
            Some("reopen") => {
                change.planned.id.set("set before".to_owned());
                if change.config.owner.is_null() {
                    change.planned.owner.set("set before".to_owned());
                }
                change.reopen_computed([Self::OWNER]);
                change.planned.revision.set(7);
            }
            Some("known") => {
                let known = Self::blank("other".parse::<Word>().unwrap(), Vec::new());
                let known =
                    Self { owner: "known".to_owned().into(), version: None.into(), ..known };
                change.plan_computed(&known);
            }
            _ => {}
        }
        match cx.provider.fault() {
            Some(Fault::LosePlan) => panic!("lost"),
            Some(Fault::ReplaceNowhere) => change.requires_replace("nowhere"),
            Some(Fault::SetArgument) => change.planned.alpha.set("planned".to_owned()),
            _ => {}
        }
        if change.kind() == ChangeKind::Create && change.planned.version.is_unknown() {
            let parts = Parts { major: 1, label: None };
            change.planned.version.set(parts.into());
        }
        cx.private().set("planned", b"yes".to_vec());
        Ok(())
    }

    async fn create(self, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        if let Some(token) = self.token_wo.get() {
            cx.provider.tokens.lock().unwrap().push(token.expose().clone());
        }
        let fault = cx.provider.fault();
        if fault == Some(Fault::FailAtOnce) {
            return Err(failed("Nothing was done."));
        }
        let mut thing = self;
        if matches!(fault, Some(Fault::FailHalfway | Fault::PanicHalfway)) {
            thing.id = "half".to_owned().into();
            cx.checkpoint(&thing);
            assert!(fault != Some(Fault::PanicHalfway), "halfway");
            return Err(failed("Half was done.")).at(Self::NAME_OF);
        }
        if fault == Some(Fault::LeaveUnknown) {
            return Ok(thing);
        }
        let mut thing = thing.complete(1);
        if fault == Some(Fault::ChangeArgument) {
            thing.prefix.push('!');
        }
        if fault == Some(Fault::LoseMember) {
            thing.spots.as_mut().and_then(BTreeSet::pop_first);
        }
        cx.warn(Diagnostic::warning(Self::NAME_OF, "Made", "It is new."));
        cx.provider.things.lock().unwrap().insert(thing.name.to_string(), thing.clone());
        Ok(thing)
    }

    async fn read(self, cx: &Context<Self>) -> Result<Option<Self>, Diagnostics> {
        if cx.provider.fault() == Some(Fault::Rename) {
            return Ok(Some(Self { name: Text("other".parse().unwrap()), ..self }));
        }
        if cx.provider.things.lock().unwrap().contains_key(&self.name.to_string()) {
            return Ok(Some(self));
        }
        Ok(None)
    }

    async fn update(self, prior: Self, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        if cx.provider.fault().is_some() {
            return Err(failed("It stays."));
        }
        let thing = self.complete(prior.revision.get().unwrap_or(&0) + 1);
        cx.provider.things.lock().unwrap().insert(thing.name.to_string(), thing.clone());
        Ok(thing)
    }

    async fn delete(self, cx: &Context<Self>) -> Result<(), Diagnostics> {
        if cx.provider.fault().is_some() {
            return Err(failed("It stays."));
        }
        cx.provider.things.lock().unwrap().remove(&self.name.to_string());
        Ok(())
    }

    async fn import(key: ImportKey<Self>, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        let name = key.text(|draft| draft.name.known().map(ToString::to_string).unwrap());
        let mut found = cx.provider.things.lock().unwrap().get(&name).cloned();
        if let (Some(Fault::Rename), Some(thing)) = (cx.provider.fault(), &mut found) {
            thing.name = Text("other".parse().unwrap());
        }
        found.ok_or_else(|| failed("There is no such thing."))
    }

    async fn forget(&self, _: &Context<Self>) -> Result<Option<Diagnostic>, Diagnostics> {
        match self.prefix.as_str() {
            "lost" => Err(failed("Nobody knows whether it may be forgotten.")),
            "leave" => {
                let text = "It is only forgotten.";
                Ok(Some(Diagnostic::error(tfplugin::Path::root(), "It stays", text)))
            }
            _ => Ok(None),
        }
    }

    fn upgrade(version: i64, raw: serde_json::Value) -> Result<Self, Diagnostics> {
        let name =
            raw["title"].as_str().unwrap_or_default().parse().map_err(|e: String| failed(&e))?;
        Ok(Self::minimal(name, &format!("v{version}")))
    }

    fn move_from(source: &MoveSource) -> Option<Result<Self, Diagnostics>> {
        if source.type_name != "other_thing" {
            return None;
        }
        let name = source.state["name"].as_str().unwrap_or_default().parse();
        Some(name.map_err(|e: String| failed(&e)).map(|name| Self::minimal(name, "v")))
    }
}

impl Thing {
    pub const NAME_OF: tfplugin::Attr = Self::NAME;

    pub fn minimal(name: Word, prefix: &str) -> Self {
        Self { prefix: prefix.to_owned(), ..Self::blank(name, Vec::new()) }
    }
}

/// Cannot change in place.
#[derive(Debug, Clone, Model)]
#[tf(immutable)]
pub struct Fixed {
    /// Text.
    #[tf(identity)]
    pub text: String,
    /// Optional.
    pub note: Option<String>,
    /// Chosen by the provider unless set.
    #[tf(optional)]
    pub owner: Computed<String>,
    /// Given by the provider.
    pub id: Computed<String>,
    /// Never stored.
    pub token_wo: WriteOnly<String>,
    /// How long things take.
    pub timeouts: Option<Timeouts>,
}

impl Resource for Fixed {
    const NAME: &'static str = "sample_fixed";
    type Provider = Store;

    async fn create(mut self, _: &Context<Self>) -> Result<Self, Diagnostics> {
        self.id = "id".to_owned().into();
        if self.owner.is_unknown() {
            self.owner = "provider".to_owned().into();
        }
        Ok(self)
    }

    async fn read(self, _: &Context<Self>) -> Result<Option<Self>, Diagnostics> {
        Ok(Some(self))
    }

    async fn delete(self, _: &Context<Self>) -> Result<(), Diagnostics> {
        Ok(())
    }

    async fn import(_: ImportKey<Self>, _: &Context<Self>) -> Result<Self, Diagnostics> {
        Err(failed("It cannot be imported."))
    }
}

/// Finds a thing.
#[derive(Debug, Clone, Model)]
pub struct Finder {
    /// Its name.
    pub name: Text<Word>,
    /// How many at most.
    #[tf(default = 10)]
    pub limit: u64,
    /// What was found.
    pub found: Computed<Option<Parts>>,
    /// How many there are.
    pub count_of: Computed<i64>,
}

impl DataSource for Finder {
    const NAME: &'static str = "sample_finder";
    type Provider = Store;

    async fn read(mut self, cx: &DataContext<Self>) -> Result<Self, Diagnostics> {
        if self.found.is_unknown() && *self.name == "gone".parse::<Word>().unwrap() {
            return Err(failed("It is gone."));
        }
        self.found = None.into();
        self.count_of = (cx.provider.things.lock().unwrap().len() as i64).into();
        Ok(self)
    }
}

/// Joins words.
/// With a separator.
///
/// Nothing else.
#[derive(Debug, Model)]
pub struct Join {
    /// Between the words.
    pub separator: Option<String>,
    /// The words.
    #[tf(variadic)]
    pub words: Vec<Text<Word>>,
}

impl Function for Join {
    const NAME: &'static str = "join_words";
    type Output = Parts;

    fn call(self) -> Result<Parts, FunctionFault> {
        if self.separator.as_deref() == Some("bad") {
            return Err(FunctionFault::new("It is bad.")).at(Self::SEPARATOR)?;
        }
        let words: Vec<String> = self.words.iter().map(ToString::to_string).collect();
        let label = words.join(self.separator.as_deref().unwrap_or("-"));
        Ok(Parts { major: words.len() as u64, label: Some(label) })
    }
}

/// Settings.
#[derive(Debug, Clone, Model)]
pub struct Settings {
    /// Where.
    pub region: Option<String>,
    /// Retries.
    #[tf(default = 3)]
    pub retries: i64,
}

/// The provider.
pub struct Sample;

impl Provider for Sample {
    const TYPE_NAME: &'static str = "sample";
    const VERSION: &'static str = "1.0.0";
    type Config = Settings;
    type Configured = Store;

    async fn configure(
        config: SettingsDraft,
        _: &str,
        _: &Stop,
        _: &Log,
    ) -> Result<Store, Diagnostics> {
        if config.retries.known() == Some(&0) {
            return Err(config.retries.error("Invalid retries", "At least one.").into());
        }
        Ok(Store::default())
    }

    fn offers(list: &mut Offers<Self>) {
        list.resource::<Thing>();
        list.resource::<Fixed>();
        list.data_source::<Finder>();
        list.ephemeral::<crate::ephemeral::Pass>();
        list.function::<Join>();
    }
}

/// A call on a provider that shares `store`.
pub fn call(store: &Arc<Store>) -> Call {
    let configured: Configured = store.clone();
    Call { configured: Some(configured), stop: Stopper::new().token(), log: Log::off() }
}
