//! The provider that authors copy to begin with, under a real host.

use std::path::{Path, PathBuf};

use pipeline_acceptance::Outcome;
use pipeline_acceptance::sandbox::Sandbox;
use pipeline_acceptance::terraform::Terraform;
use pipeline_acceptance::workspace::{Workspace, quote};

const SOURCE: &str = "example.com/you/notes";

/// The folder of the example that cargo builds beside the tests.
fn plugins() -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent()?;
    Some(target.join("debug/examples")).filter(|it| it.join("terraform-provider-notes").is_file())
}

#[test]
fn a_note_is_written_read_changed_and_removed() -> Outcome {
    let plugins = plugins().ok_or("build it first: `cargo build -p tfplugin --examples`")?;
    let sandbox = Sandbox::temporary()?;
    let mut work = Workspace::with(
        &sandbox.environment,
        "work",
        Terraform::find()?,
        &plugins.join("terraform-provider-notes"),
    )?;
    let settings = work.directory.join("notes.rc");
    let folder = quote(&plugins.to_string_lossy());
    std::fs::write(
        &settings,
        format!(
            "provider_installation {{\n  dev_overrides {{\n    \"{SOURCE}\" = {folder}\n  }}\n}}\n"
        ),
    )?;
    work.environment.set("TF_CLI_CONFIG_FILE", settings);
    work.write(
        "provider.tf",
        &format!("terraform {{\n  required_providers {{\n    notes = {{ source = \"{SOURCE}\" }}\n  }}\n}}\n"),
    )?;
    let note = |text: &str| {
        let folder = quote(&work.directory.to_string_lossy());
        format!(
            "provider \"notes\" {{\n  folder = {folder}\n}}\nresource \"notes_note\" \"this\" {{\n  \
             file = \"a.txt\"\n  text = {}\n}}\n",
            quote(text)
        )
    };
    let file = work.directory.join("a.txt");
    work.settle(&note("first"))?;
    assert_eq!(std::fs::read_to_string(&file)?, "first");
    assert_eq!(work.attributes("notes_note.this")?["path"], file.to_string_lossy().as_ref());

    std::fs::write(&file, "by hand")?;
    work.settle(&note("first"))?;
    assert_eq!(std::fs::read_to_string(&file)?, "first", "what was changed by hand is noticed");
    work.settle(&note("second"))?;
    assert_eq!(std::fs::read_to_string(&file)?, "second");

    let taken = "import {\n  to = notes_note.other\n  id = \"a.txt\"\n}\n";
    let other = "resource \"notes_note\" \"other\" {\n  file = \"a.txt\"\n  text = \"\"\n}\n";
    work.main(&format!("{}{taken}{other}", note("second")))?;
    work.plan(&[])?.refused("Resource cannot be imported")?.says("`notes_note` has no import")?;

    work.main(&note("second"))?;
    work.destroy()?.ok()?;
    assert!(!file.exists());
    Ok(())
}
