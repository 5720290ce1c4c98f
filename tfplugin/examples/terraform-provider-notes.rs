//! A whole provider, to copy and begin with: one resource, a text file in a folder.

use std::fs;
use std::path::PathBuf;

use tfplugin::{Computed, Context, Diagnostics, Log, Model};
use tfplugin::{Offers, Provider, Resource, Stop};

/// Notes in a folder.
#[derive(Debug, Clone, Model)]
struct Config {
    /// The folder, which exists.
    folder: Option<String>,
}

/// A note: a text file in the folder.
#[derive(Debug, Clone, Model)]
struct Note {
    /// The name of the file.
    #[tf(identity, requires_replace)]
    file: String,
    /// What is in it.
    text: String,
    /// Where the file is.
    #[tf(use_state_for_unknown)]
    path: Computed<String>,
}

impl Resource for Note {
    const NAME: &'static str = "notes_note";
    type Provider = PathBuf;

    async fn create(self, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        let path = cx.provider.join(&self.file);
        fs::write(&path, &self.text)?;
        Ok(Self { path: Computed::known(path.display().to_string()), ..self })
    }

    async fn read(self, cx: &Context<Self>) -> Result<Option<Self>, Diagnostics> {
        let path = cx.provider.join(&self.file);
        let text = path.exists().then(|| fs::read_to_string(path)).transpose()?;
        Ok(text.map(|text| Self { text, ..self }))
    }

    async fn update(self, _: Self, cx: &Context<Self>) -> Result<Self, Diagnostics> {
        self.create(cx).await
    }

    async fn delete(self, cx: &Context<Self>) -> Result<(), Diagnostics> {
        Ok(fs::remove_file(cx.provider.join(&self.file))?)
    }
}

struct Notes;

impl Provider for Notes {
    const TYPE_NAME: &'static str = "notes";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Config = Config;
    type Configured = PathBuf;

    async fn configure(
        config: ConfigDraft,
        _host: &str,
        _stop: &Stop,
        _log: &Log,
    ) -> Result<PathBuf, Diagnostics> {
        Ok(config.folder.known().map(PathBuf::from).unwrap_or_default())
    }

    fn offers(list: &mut Offers<Self>) {
        list.resource::<Note>();
    }
}

fn main() -> std::process::ExitCode {
    tfplugin::serve::<Notes>("example.com/you/notes")
}
