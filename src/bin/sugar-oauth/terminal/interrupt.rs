//! Ctrl-C, noticed between and within the steps so that an open session can be closed.

use std::future::Future;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use tokio::sync::watch;

/// What a future has to give at once.
async fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    std::future::poll_fn(|context| match Pin::new(&mut *future).poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

/// Ctrl-C was pressed.
#[derive(Debug, Clone, Copy)]
pub struct Interrupted;

/// Whether Ctrl-C was pressed.
#[derive(Clone)]
pub struct Interrupt {
    pressed: watch::Receiver<bool>,
}

impl Interrupt {
    /// Listens from now on. A second Ctrl-C ends the program at once.
    pub async fn listen() -> Self {
        let (sender, pressed) = watch::channel(false);
        // Catching begins with the first poll: it is made here, for the task may begin late.
        let mut caught = Box::pin(tokio::signal::ctrl_c());
        let mut first = poll_once(&mut caught).await;
        tokio::spawn(async move {
            loop {
                let result = match first.take() {
                    Some(result) => result,
                    None => caught.await,
                };
                if result.is_err() {
                    break;
                }
                if sender.send_replace(true) {
                    std::process::exit(130);
                }
                caught = Box::pin(tokio::signal::ctrl_c());
            }
            // Without signals nobody can press it: the receivers must not take this for a press.
            std::future::pending::<()>().await;
        });
        Self { pressed }
    }

    /// Waits for Ctrl-C.
    pub async fn pressed(&self) {
        let mut pressed = self.pressed.clone();
        if pressed.wait_for(|pressed| *pressed).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Runs a step, unless Ctrl-C comes first.
    pub async fn or<T>(&self, step: impl Future<Output = T>) -> Result<T, Interrupted> {
        tokio::select! {
            biased;
            () = self.pressed() => Err(Interrupted),
            result = step => Ok(result),
        }
    }

    /// Runs a step whose result must not be lost: after Ctrl-C it gets a few seconds to end.
    pub async fn or_after<T>(&self, step: impl Future<Output = T>) -> Result<T, (Interrupted, Option<T>)> {
        tokio::pin!(step);
        tokio::select! {
            biased;
            () = self.pressed() => {
                let late = tokio::time::timeout(Duration::from_secs(3), step).await.ok();
                Err((Interrupted, late))
            }
            result = &mut step => Ok(result),
        }
    }
}
