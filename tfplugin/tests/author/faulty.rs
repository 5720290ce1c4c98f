//! A provider whose schemas break the rules, each found by the self-check.

use tfplugin::codec;
use tfplugin::erased::Provider as _;
use tfplugin::provider::{erase, self_check};
use tfplugin::stop::Stopper;
use tfplugin::{
    Action, ActionContext, Computed, Context, DataContext, DataSource, Diagnostic, Diagnostics,
    Ephemeral, EphemeralContext, Function, FunctionFault, Halt, ImportKey, List, ListContext, Log,
    Model, Offers, Path, Provider, Resource, Stop, Text, WriteOnly,
};

use crate::sample::Word;

/// Its names are taken.
#[derive(Debug, Clone, Model)]
struct Faulty {
    /// Reserved.
    count: i64,
    /// Not a spelling that the type accepts.
    #[tf(default = "Upper")]
    word: Text<Word>,
    /// Inside.
    inner: Option<Vec<Inner>>,
}

/// Inside.
#[derive(Debug, Clone, Model)]
struct Inner {
    /// Not a word.
    #[tf(default = "9")]
    word: Text<Word>,
}

impl Resource for Faulty {
    const NAME: &'static str = "other_faulty";
    type Provider = ();

    async fn create(self, _: &Context<Self>) -> Result<Self, Diagnostics> {
        Ok(self)
    }

    async fn read(self, _: &Context<Self>) -> Result<Option<Self>, Diagnostics> {
        Ok(Some(self))
    }

    async fn delete(self, _: &Context<Self>) -> Result<(), Diagnostics> {
        Ok(())
    }

    async fn import(_: ImportKey<Self>, _: &Context<Self>) -> Result<Self, Diagnostics> {
        Err(Diagnostics::new())
    }
}

/// Has a write-only argument.
#[derive(Debug, Clone, Model)]
struct Source {
    /// Never stored.
    token: WriteOnly<String>,
}

impl DataSource for Source {
    const NAME: &'static str = "faulty_source";
    type Provider = ();

    async fn read(self, _: &DataContext<Self>) -> Result<Self, Diagnostics> {
        Ok(self)
    }
}

/// Has one too.
#[derive(Debug, Clone, Model)]
struct Pass {
    /// Never stored anyway.
    code: WriteOnly<String>,
}

impl Ephemeral for Pass {
    const NAME: &'static str = "other_pass";
    type Provider = ();

    async fn open(self, _: &EphemeralContext<Self>) -> Result<Self, Diagnostics> {
        Ok(self)
    }
}

/// Computes something, which nobody could read.
#[derive(Debug, Clone, Model)]
struct Deed {
    /// Never stored.
    token: WriteOnly<String>,
    /// Known when it is done.
    done: Computed<String>,
}

impl Action for Deed {
    const NAME: &'static str = "faulty_deed";
    type Provider = ();

    async fn invoke(self, _: &ActionContext<Self>) -> Result<(), Diagnostics> {
        Ok(())
    }
}

/// Lists what has no identity.
#[derive(Debug, Model)]
struct Faults {
    /// Nobody is asked.
    answer: Computed<String>,
}

impl List for Faults {
    type Resource = Faulty;

    async fn list(self, _: &ListContext<Self>) -> Result<(), Halt> {
        Ok(())
    }
}

/// Has an illegal name.
#[derive(Debug, Model)]
struct Call {}

impl Function for Call {
    const NAME: &'static str = "Call-me";
    type Output = String;

    fn call(self) -> Result<String, FunctionFault> {
        Ok(String::new())
    }
}

/// Its names are taken too.
#[derive(Debug, Clone, Model)]
struct Settings {
    /// Reserved.
    version: Option<String>,
}

struct Host;

impl Provider for Host {
    const TYPE_NAME: &'static str = "faulty";
    const VERSION: &'static str = "1.0.0";
    type Config = Settings;
    type Configured = ();

    async fn configure(_: SettingsDraft, _: &str, _: &Stop, _: &Log) -> Result<(), Diagnostics> {
        Ok(())
    }

    async fn advise((): &()) -> Diagnostics {
        Diagnostic::error(Path::root(), "Odd", "It is odd.").into()
    }

    fn offers(list: &mut Offers<Self>) {
        list.resource::<Faulty>();
        list.resource::<Faulty>();
        list.data_source::<Source>();
        list.ephemeral::<Pass>();
        list.ephemeral::<Pass>();
        list.action::<Deed>();
        list.list::<Faults>();
        list.list::<Faults>();
        list.function::<Call>();
    }
}

#[tokio::test]
async fn advice_stops_nothing() {
    let (provider, stop) = (erase::<Host>(), Stopper::new().token());
    let config = codec::json::decode(b"{}", &provider.schema().ty()).unwrap();
    let (configured, said) = provider.configure(&config, "1.15.0", &stop, &Log::off()).await;
    assert!(configured.is_some() && !said.has_errors());
    assert_eq!(said.iter().map(|it| it.summary.as_str()).collect::<Vec<_>>(), ["Odd"]);
}

#[test]
fn every_broken_rule_is_named() {
    let mut found = self_check(&erase::<Host>());
    found.dedup();
    found.sort_unstable();
    found.dedup();
    let expected = [
        "faulty_deed.done: an action computes nothing",
        "faulty_deed: only a managed resource has write-only arguments",
        "faulty_source: only a managed resource has write-only arguments",
        "function: `Call-me` is not a name of lower-case letters, digits and `_`",
        "other_faulty: `count` is a reserved name",
        "other_faulty: the default of `inner[0].word` is refused: Found \"9\", but a word has only \
         letters.",
        "other_faulty: the default of `word` is refused: Found \"Upper\", which is spelled \
         \"upper\". Write \"upper\".",
        "other_faulty: the list resource is declared twice",
        "other_faulty: the name must start with `faulty_`",
        "other_faulty: the resource is declared twice",
        "other_pass: only a managed resource has write-only arguments",
        "other_pass: the ephemeral resource is declared twice",
        "other_pass: the name must start with `faulty_`",
        "provider block: `version` is a reserved name",
        "the list of other_faulty: there is no resource of this name that has an identity",
        "the list of other_faulty: what is asked for cannot be computed",
    ];
    assert_eq!(found, expected);
}
