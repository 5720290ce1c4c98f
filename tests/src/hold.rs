//! A place in a hook of git's at which it waits until it is told to go on: a gate for remotes that are
//! folders, in front of which no server stands.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::wait_until;
use crate::{Outcome, command};

/// A place where a hook waits. One that is still waited at when this value goes is left with failure.
#[derive(Debug)]
pub struct Hold {
    reached: PathBuf,
    /// Both ends of a pipe. What is written stays in it until the hook reads it, however late.
    left: File,
}

impl Hold {
    /// A place whose files have names that begin like this.
    ///
    /// # Errors
    /// The files cannot be made.
    pub fn at(beginning: &Path) -> Outcome<Self> {
        let file = |end: &str| PathBuf::from(format!("{}.{end}", beginning.display()));
        let (reached, left) = (file("reached"), file("left"));
        command::run(Command::new("mkfifo").arg(&left))?.success()?;
        let left = OpenOptions::new().read(true).write(true).open(left)?;
        Ok(Self { reached, left })
    }

    /// The lines of a hook that wait at the place with this beginning, as the shell writes it, and leave
    /// in `$code` what they were told.
    #[must_use]
    pub fn script(beginning: &str) -> String {
        format!("touch \"{beginning}.reached\"\nread -r code < \"{beginning}.left\"")
    }

    /// A hook that waits here before it lets a push through, or not, that changes a ref whose name holds
    /// this text. Other pushes pass.
    #[must_use]
    pub fn pre_receive(beginning: &Path, text: &str) -> String {
        let waits = Self::script(&beginning.to_string_lossy());
        format!("case \"$(cat)\" in\n*{text}*) ;;\n*) exit 0 ;;\nesac\n{waits}\nexit \"$code\"")
    }

    /// Whether a hook waits here, or has been here.
    #[must_use]
    pub fn was_reached(&self) -> bool {
        self.reached.exists()
    }

    /// Waits until a hook is here.
    ///
    /// # Errors
    /// None ever came.
    pub fn reached(&self) -> Outcome {
        wait_until("a hook is reached", || self.was_reached())
    }

    /// Lets the hook that waits here go on, with this code.
    ///
    /// # Errors
    /// It cannot be told.
    pub fn leave(&self, code: u8) -> Outcome {
        Ok(writeln!(&self.left, "{code}")?)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if self.was_reached() {
            // Nobody is left to be told of a failure, and a hook that has gone on needs nothing.
            drop(self.leave(1));
        }
    }
}
