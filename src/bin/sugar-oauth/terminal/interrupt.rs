//! Ctrl-C, noticed between and within the steps so that an open session can be closed.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;

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
        tokio::spawn(async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                if sender.send_replace(true) {
                    std::process::exit(130);
                }
            }
            // Without signals nobody can press it: the receivers must not take this for a press.
            std::future::pending::<()>().await;
        });
        // Lets the task begin, so that the signal is caught from here on.
        tokio::task::yield_now().await;
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
