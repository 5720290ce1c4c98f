//! Turns `tfplugin/proto` into the code committed in `tfplugin/src/wire`.
//!
//! With `--check` it writes nothing and fails where the committed code differs. No `protoc` is
//! needed: the descriptions are compiled in this process.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const PROTOS: [&str; 2] = ["tfplugin6.proto", "goplugin.proto"];
/// One file per protobuf package.
const OUTPUTS: [&str; 2] = ["tfplugin6.rs", "plugin.rs"];

fn main() -> ExitCode {
    let check = std::env::args().any(|argument| argument == "--check");
    match run(check) {
        Ok(stale) if stale.is_empty() => ExitCode::SUCCESS,
        Ok(stale) => {
            for file in stale {
                eprintln!("{} is not what the descriptions give", file.display());
            }
            eprintln!("run `cargo run -p tfplugin-gen` and commit the result");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The committed files that differ from the descriptions; without `check` they are written anew.
fn run(check: bool) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let tfplugin = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let fresh = tempfile::tempdir()?;
    generate(&tfplugin.join("proto"), fresh.path())?;
    let mut stale = Vec::new();
    for name in OUTPUTS {
        let committed = tfplugin.join("src/wire").join(name);
        let generated = fs::read(fresh.path().join(name))?;
        if fs::read(&committed).ok().as_ref() == Some(&generated) {
            continue;
        }
        if check {
            stale.push(committed);
        } else {
            fs::write(&committed, generated)?;
        }
    }
    Ok(stale)
}

/// Maps are sorted, so that equal schemas are equal bytes; byte fields share the received buffer; an
/// rpc that nobody implements answers `Unimplemented`.
fn generate(protos: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let descriptions = protox::compile(PROTOS, [protos])?;
    tonic_prost_build::configure()
        .btree_map(".")
        .bytes(".")
        .build_transport(false)
        .generate_default_stubs(true)
        .out_dir(out)
        .compile_fds(descriptions)?;
    Ok(())
}
