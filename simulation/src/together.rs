//! Several pieces of work of one process, one of which runs at a time.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::Failure;

/// All of them, until the last has ended or the first has failed.
pub(crate) struct Together<F>(Vec<Pin<Box<F>>>);

impl<F> Together<F> {
    pub(crate) fn new(all: impl IntoIterator<Item = F>) -> Self {
        Self(all.into_iter().map(Box::pin).collect())
    }
}

impl<F: Future<Output = Result<(), Failure>>> Future for Together<F> {
    type Output = Result<(), Failure>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut failed = None;
        self.0.retain_mut(|one| match one.as_mut().poll(context) {
            Poll::Pending => true,
            Poll::Ready(result) => {
                failed = failed.take().or(result.err());
                false
            }
        });
        match failed {
            Some(failure) => Poll::Ready(Err(failure)),
            None if self.0.is_empty() => Poll::Ready(Ok(())),
            None => Poll::Pending,
        }
    }
}
