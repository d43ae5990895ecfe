//! Panics: caught per request and per record, so that one bad one takes nobody with it, and told
//! without the values in their text, which may be anybody's message.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    error::Error,
    fmt,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind, set_hook},
    pin::pin,
    task::Poll,
};

use tracing::error;

thread_local! {
    static CATCHING: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Something panicked. Where, and the text when it is a constant.
#[derive(Debug)]
pub(crate) struct Panicked {
    place: Option<String>,
    text: Option<&'static str>,
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place.as_deref().unwrap_or("an unknown place");
        let text = self.text.unwrap_or("(text withheld)");
        write!(f, "panicked at {place}: {text}")
    }
}

impl Error for Panicked {}

/// Runs a future; a panic in it becomes an error. What the future has borrowed may be half-done, as
/// after any early return: our handlers share nothing that is written in several steps.
pub(crate) async fn caught<F: Future>(future: F) -> Result<F::Output, Panicked> {
    let mut future = pin!(future);
    std::future::poll_fn(|context| {
        let outer = CATCHING.replace(true);
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        CATCHING.set(outer);
        match polled {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
            Err(payload) => Poll::Ready(Err(told(&*payload))),
        }
    })
    .await
}

/// Replaces the default hook, which prints the panic's text. A panic that is caught is logged by the
/// one who caught it; any other is logged here.
pub(crate) fn log_instead_of_printing() {
    set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        PLACE.with_borrow_mut(|kept| kept.clone_from(&place));
        if !CATCHING.get() {
            let told = told(panic.payload());
            error!("{told}");
        }
    }));
}

fn told(payload: &(dyn Any + Send)) -> Panicked {
    Panicked {
        place: PLACE.take(),
        // A formatted text holds values; only a constant one is safe to tell.
        text: payload.downcast_ref::<&'static str>().copied(),
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    #[test]
    fn a_panic_is_an_error_and_its_values_are_withheld() {
        let constant = block_on(caught(async { panic!("boom") }))
            .map(|(): ()| ())
            .unwrap_err();
        assert!(constant.to_string().contains("boom"));
        let number = "97339000001";
        let formatted = block_on(caught(async { panic!("no {number}") }))
            .map(|(): ()| ())
            .unwrap_err();
        assert!(!formatted.to_string().contains(number), "{formatted}");
        assert_eq!(block_on(caught(async { 1 })).unwrap(), 1);
    }
}
