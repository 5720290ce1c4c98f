//! The provider binary: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    terraform_provider_pipeline::serve()
}
