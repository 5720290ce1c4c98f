//! The signature of the checksums, by gpg.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use pipeline_acceptance::{Outcome, command};

/// The variable that holds the passphrase of the key, where it has one.
const PASSPHRASE: &str = "GPG_PASSPHRASE";

/// gpg with the keys of a folder, else with those of whoever runs this.
#[derive(Default)]
pub(super) struct Gpg {
    home: Option<PathBuf>,
}

impl Gpg {
    /// Writes a binary detached signature beside `file`.
    pub(super) fn sign(&self, key: &str, file: &Path) -> Outcome {
        self.check(key)?;
        let signature = format!("{}.sig", file.display());
        let mut sign = self.command();
        sign.args(["--yes", "--local-user", key, "--output", &signature]);
        let passphrase = std::env::var_os(PASSPHRASE);
        if passphrase.is_some() {
            sign.args(["--pinentry-mode", "loopback", "--passphrase-fd", "0"]);
        }
        sign.arg("--detach-sign").arg(file);
        sign.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = sign.spawn()?;
        if let Some(mut input) = child.stdin.take() {
            // A gpg that ended already says why itself.
            drop(input.write_all(passphrase.unwrap_or_default().as_encoded_bytes()));
        }
        let line = command::line(&sign);
        command::Said::of(line, &child.wait_with_output()?).success().map(drop)
    }

    /// The registry takes signatures by RSA and DSA alone.
    fn check(&self, key: &str) -> Outcome {
        let mut list = self.command();
        list.args(["--with-colons", "--list-secret-keys", key]);
        let said = command::run(&mut list)?.success()?;
        let line = said.stdout.lines().find(|line| line.starts_with("sec:"));
        match line.and_then(|line| line.split(':').nth(3)) {
            Some("1" | "17") => Ok(()),
            _ => {
                Err(format!("the registry takes signatures by RSA or DSA, which {key} is not")
                    .into())
            }
        }
    }

    fn command(&self) -> Command {
        let mut gpg = Command::new("gpg");
        gpg.arg("--batch").envs(self.home.iter().map(|home| ("GNUPGHOME", home)));
        gpg
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use pipeline_acceptance::scene::skipped;

    use super::*;

    /// gpg with keys of its own, which go with the folder.
    struct Keys {
        gpg: Gpg,
        _folder: tempfile::TempDir,
    }

    impl Keys {
        fn with(algorithm: &str, mail: &str) -> Outcome<Self> {
            let folder = tempfile::tempdir()?;
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700))?;
            let gpg = Gpg { home: Some(folder.path().to_owned()) };
            let mut generate = gpg.command();
            generate.args(["--passphrase", "", "--quick-generate-key", mail, algorithm, "sign"]);
            command::run(&mut generate)?.success()?;
            Ok(Self { gpg, _folder: folder })
        }
    }

    impl Drop for Keys {
        fn drop(&mut self) {
            // The agent that gpg started has nothing left to keep.
            let mut end = Command::new("gpgconf");
            end.args(["--kill", "all"]).envs(self.gpg.home.iter().map(|home| ("GNUPGHOME", home)));
            drop(command::run(&mut end));
        }
    }

    fn no_gpg(test: &str) -> bool {
        let missing = command::run(Command::new("gpg").arg("--version")).is_err();
        if missing {
            skipped(test, "gpg is not installed");
        }
        missing
    }

    #[test]
    fn a_signature_is_binary_and_gpg_verifies_it() -> Outcome {
        if no_gpg("a_signature_is_binary_and_gpg_verifies_it") {
            return Ok(());
        }
        let keys = Keys::with("rsa2048", "release@example.com")?;
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("SHA256SUMS");
        fs::write(&file, "sums\n")?;
        keys.gpg.sign("release@example.com", &file)?;
        let signature = folder.path().join("SHA256SUMS.sig");
        assert!(!fs::read(&signature)?.starts_with(b"-----BEGIN"));
        let verify = |file: &Path| {
            command::run(keys.gpg.command().arg("--verify").arg(&signature).arg(file))
        };
        verify(&file)?.success()?;
        fs::write(&file, "other sums\n")?;
        assert_ne!(verify(&file)?.code, Some(0));
        Ok(())
    }

    #[test]
    fn a_key_that_the_registry_does_not_take_is_refused() -> Outcome {
        if no_gpg("a_key_that_the_registry_does_not_take_is_refused") {
            return Ok(());
        }
        let keys = Keys::with("ed25519", "curve@example.com")?;
        let refusal = keys.gpg.sign("curve@example.com", Path::new("/nowhere")).unwrap_err();
        assert!(refusal.to_string().contains("RSA or DSA"), "{refusal}");
        Ok(())
    }
}
