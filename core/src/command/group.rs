//! The process group of a child, and of whatever it starts. It ends as a whole.

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Child;

/// A group that ends when this is dropped before the child is over.
pub(crate) struct Group {
    leader: Option<Pid>,
}

impl Group {
    /// The group that a child leads.
    pub(crate) fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self { leader: id.and_then(Pid::from_raw) }
    }

    /// Asks it to end by itself: git puts its locks away.
    pub(crate) fn ask_to_end(&self) {
        if let Some(leader) = self.leader {
            let _ = kill_process_group(leader, Signal::TERM);
        }
    }

    /// Ends it now. Whether that succeeds makes no difference to anybody.
    pub(crate) fn end(&mut self) {
        if let Some(leader) = self.leader.take() {
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }

    /// The child is over: its number may be another's by now.
    pub(crate) fn is_over(&mut self) {
        self.leader = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}
