//! Holds the last transaction of one deployment just before the remote carries it out.

use pipeline_acceptance::Outcome;
use pipeline_acceptance::git_server::{Asked, Asks, Gate};
use pipeline_acceptance::hold::Hold;
use pipeline_acceptance::repository::Repository;

use crate::team::Team;

/// The tag that only a success moves.
const TAG: &str = "refs/tags/api/staging";

/// A gate of the server, or of the hook that git runs for every transaction of a repository.
#[derive(Debug)]
pub(super) enum Barrier {
    Http(Gate),
    Files(Hold),
}

/// Makes a folder remote heed barriers. One that is to let its transaction through stands behind
/// it, since git gives up a transaction whose owner dies before it is carried out.
pub(super) fn heed(remote: &Repository) -> Outcome {
    let script = format!(
        "while read -r old new name; do\n\
           [ \"$name\" = {TAG} ] || continue\n\
           gate=\"{}/gate-$(git rev-parse --verify --quiet \"$new^{{commit}}\")\"\n\
           [ -e \"$gate.$1\" ] || continue\n\
           {}\n\
           exit \"$code\"\n\
         done",
        remote.path(),
        Hold::script("$gate")
    );
    remote.hook("reference-transaction", &script)
}

impl Barrier {
    /// For the end of the deployment that this member makes of this commit; `through` says whether
    /// it is carried out.
    pub(super) fn set(team: &Team, member: &str, commit: &str, through: bool) -> Outcome<Self> {
        if let Some(server) = &team.server {
            let member = member.to_owned();
            let gate = Gate::new(move |asked| asked.client == member && ends(asked));
            server.set(&gate);
            return Ok(Self::Http(gate));
        }
        let hold = Hold::at(&team.remote.directory.join(format!("gate-{commit}")))?;
        let phase = if through { "committed" } else { "prepared" };
        std::fs::write(team.remote.directory.join(format!("gate-{commit}.{phase}")), "")?;
        Ok(Self::Files(hold))
    }

    /// Whether the transaction waits here, or has been here.
    pub(super) fn was_reached(&self) -> bool {
        match self {
            Self::Http(gate) => gate.was_reached(),
            Self::Files(hold) => hold.was_reached(),
        }
    }

    /// Ends the waiting: the transaction goes through, or does not.
    pub(super) fn leave(&self, through: bool) -> Outcome {
        match self {
            Self::Http(gate) if through => gate.let_through(),
            Self::Http(gate) => gate.turn_away(),
            Self::Files(hold) => hold.leave(1)?,
        }
        Ok(())
    }
}

fn ends(asked: &Asked) -> bool {
    let Asks::ToPush(changes) = &asked.what else { return false };
    changes.iter().any(|change| change.name == TAG)
}
