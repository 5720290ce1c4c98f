//! A process that sleeps now and then, timers and all, and that dies at some moment.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use crate::lock::lock;

/// What happens to a process all of a sudden.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fit {
    /// It sleeps for so long.
    Sleeps(Duration),
    /// It dies.
    Dies,
}

/// Where something asks for a fit of the process it is a part of.
pub(crate) type Sudden = Arc<Mutex<Option<Fit>>>;

/// Runs a future as a process does that is stopped for a while, and killed.
///
/// While it sleeps nothing of it runs, not even what was due long ago.
pub(crate) struct Frozen<F> {
    work: Option<Pin<Box<F>>>,
    fits: VecDeque<(Instant, Fit)>,
    sudden: Sudden,
    wakes: Option<Instant>,
    alarm: Pin<Box<Sleep>>,
    tell: Box<dyn Fn(Fit) + Send>,
}

impl<F> Frozen<F> {
    /// The work of a process that begins now. Fits come at their times from now on, sorted, and
    /// when they are asked for; each one is told.
    pub(crate) fn new(
        work: F,
        fits: &[(Duration, Fit)],
        sudden: Sudden,
        tell: impl Fn(Fit) + Send + 'static,
    ) -> Self {
        let now = Instant::now();
        let fits = fits.iter().map(|(after, fit)| (now + *after, *fit)).collect();
        let (alarm, tell) = (Box::pin(sleep_until(now)), Box::new(tell));
        Self { work: Some(Box::pin(work)), fits, sudden, wakes: None, alarm, tell }
    }

    /// Takes a fit; whether the process lives on.
    fn survives(&mut self, fit: Fit, now: Instant) -> bool {
        (self.tell)(fit);
        match fit {
            Fit::Sleeps(long) => self.wakes = self.wakes.max(Some(now + long)),
            Fit::Dies => self.work = None,
        }
        self.work.is_some()
    }

    /// Takes the fits whose time has come; whether the process lives on.
    fn survives_up_to(&mut self, now: Instant) -> bool {
        while let Some((_, fit)) = self.fits.pop_front_if(|(at, _)| *at <= now) {
            if !self.survives(fit, now) {
                return false;
            }
        }
        true
    }
}

impl<F: Future> Future for Frozen<F> {
    /// What the work came to; nothing where the process died.
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let now = Instant::now();
        if !self.survives_up_to(now) {
            return Poll::Ready(None);
        }
        if self.wakes.is_none_or(|wakes| wakes <= now) {
            self.wakes = None;
            let polled = self.work.as_mut().map(|work| work.as_mut().poll(context));
            if let Some(Poll::Ready(result)) = polled {
                return Poll::Ready(Some(result));
            }
            let asked = lock(&self.sudden).take();
            if asked.is_some_and(|fit| !self.survives(fit, now)) {
                return Poll::Ready(None);
            }
        }
        let next = self.fits.front().map(|(at, _)| *at);
        if let Some(next) = self.wakes.into_iter().chain(next).min() {
            self.alarm.as_mut().reset(next);
            if self.alarm.as_mut().poll(context).is_ready() {
                context.waker().wake_by_ref();
            }
        }
        Poll::Pending
    }
}
