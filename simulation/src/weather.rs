//! What the network of one deployer does to it.

use std::time::Duration;

use pipeline_core::ledger::memory::Fault;

use crate::dice::Dice;

/// How long a request or a reply is on its way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) shortest: Duration,
    pub(crate) longest: Duration,
}

/// How often what goes wrong, in a thousand times.
#[derive(Debug, Clone, Default)]
pub(crate) struct Weather {
    pub(crate) lost_reply: u32,
    pub(crate) lost_request: u32,
    pub(crate) late: u32,
    pub(crate) unreachable: u32,
    pub(crate) rejected: u32,
    pub(crate) no_atomic: u32,
    pub(crate) unread: u32,
    /// How late a late request arrives at most.
    pub(crate) lateness: Duration,
    /// From when, counted from its arrival, and how long nothing gets through.
    pub(crate) outages: Vec<(Duration, Duration)>,
}

/// What becomes of a request to change refs.
#[derive(Debug, Clone)]
pub(crate) enum Fate {
    /// It is carried out and answered.
    Arrives,
    /// This goes wrong.
    Meets(Fault),
    /// Its sender gives up before it arrives so much later.
    Late(Duration),
}

impl Pace {
    pub(crate) fn draw(self, dice: &mut Dice) -> Duration {
        dice.time(self.shortest, self.longest)
    }
}

impl Weather {
    /// Whether nothing gets through, so long after the arrival.
    pub(crate) fn is_out(&self, passed: Duration) -> bool {
        self.outages.iter().any(|(from, long)| *from <= passed && passed < *from + *long)
    }

    /// What becomes of the next request, so long after the arrival.
    pub(crate) fn draw(&self, dice: &mut Dice, passed: Duration) -> Fate {
        if self.is_out(passed) {
            let kinds = [Fault::Unreachable, Fault::LostRequest];
            return dice.one(&kinds).cloned().map_or(Fate::Arrives, Fate::Meets);
        }
        let kinds = [
            (self.lost_reply, Fault::LostReply),
            (self.lost_request, Fault::LostRequest),
            (self.unreachable, Fault::Unreachable),
            (self.rejected, Fault::Rejected("a hook said no".to_owned())),
            (self.no_atomic, Fault::NoAtomic),
        ];
        for (often, fault) in kinds {
            if dice.chance(often) {
                return Fate::Meets(fault);
            }
        }
        if dice.chance(self.late) {
            return Fate::Late(dice.time(Duration::ZERO, self.lateness));
        }
        Fate::Arrives
    }

    /// Whether a request to read fails, so long after the arrival.
    pub(crate) fn hides(&self, dice: &mut Dice, passed: Duration) -> bool {
        self.is_out(passed) || dice.chance(self.unread)
    }
}
