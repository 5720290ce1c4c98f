//! Turns a panic in an author's code into a problem that is reported like any other.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::diagnostics::Diagnostic;
use crate::path::Path;

/// The summary of every [`bug`]; the server adds to such texts which provider it is.
pub(crate) const BUG: &str = "Bug in the provider";

/// A mistake in the provider, not in the configuration.
pub(crate) fn bug(path: impl Into<Path>, detail: impl AsRef<str>) -> Diagnostic {
    Diagnostic::error(
        path,
        BUG,
        format!(
            "{} This is a mistake in the provider, not in your configuration. Please report it to \
             the provider's developers, with the configuration and this text.",
            detail.as_ref()
        ),
    )
}

/// Runs `work`; a panic is a problem.
pub(crate) fn caught<T>(what: &str, work: impl FnOnce() -> T) -> Result<T, Diagnostic> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| panicked(what, panic.as_ref()))
}

/// Awaits what `start` begins; a panic is a problem.
pub(crate) async fn caught_async<F: Future>(
    what: &str,
    start: impl FnOnce() -> F,
) -> Result<F::Output, Diagnostic> {
    let future = caught(what, start)?;
    Caught { what, future: Box::pin(future) }.await
}

struct Caught<'a, F> {
    what: &'a str,
    future: Pin<Box<F>>,
}

impl<F: Future> Future for Caught<'_, F> {
    type Output = Result<F::Output, Diagnostic>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let what = self.what;
        let future = self.future.as_mut();
        match catch_unwind(AssertUnwindSafe(|| future.poll(cx))) {
            Ok(poll) => poll.map(Ok),
            Err(panic) => Poll::Ready(Err(panicked(what, panic.as_ref()))),
        }
    }
}

fn panicked(what: &str, panic: &(dyn Any + Send)) -> Diagnostic {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned());
    bug(Path::root(), format!("{what} stopped unexpectedly: {text}."))
}

#[cfg(test)]
mod tests {
    use super::{caught, caught_async};

    #[test]
    fn a_panic_is_a_problem_with_its_message() {
        let problem = caught("`plan`", || -> () { panic!("index out of {}", "bounds") });
        assert!(
            problem
                .unwrap_err()
                .detail
                .starts_with("`plan` stopped unexpectedly: index out of bounds.")
        );
    }

    #[tokio::test]
    async fn a_panic_after_an_await_is_caught_too() {
        let work = || async {
            tokio::task::yield_now().await;
            panic!("late")
        };
        let problem = caught_async::<_>("`create`", work).await.map(|(): ()| ());
        assert!(problem.unwrap_err().detail.contains("late"));
    }
}
