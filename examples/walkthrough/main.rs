//! From a consumer key to a v4_1 session, step by step, on a practice instance or on your own.
//!
//!     cargo run --example walkthrough
//!     cargo run --example walkthrough -- --url https://crm.example.com --consumer-key KEY
//!
//! The legs themselves stand in `walk.rs`; leg 2, with its listener and its paste prompt, in `authorize.rs`.

mod arguments;
mod authorize;
#[path = "../common/mod.rs"]
mod common;
mod input;
mod place;
mod save;
mod screen;
mod sent;
mod walk;

use std::process::ExitCode;

use arguments::{Arguments, HELP};
use common::{failure, interrupt, private_file};
use failure::Failure;
use interrupt::Interrupt;
use screen::Screen;

async fn run() -> Result<(), Failure> {
    let arguments = Arguments::read()?;
    let mut screen = Screen::new();
    if arguments.help {
        screen.text(HELP);
        return Ok(());
    }
    let interrupt = Interrupt::listen().await;
    walk::walk(&arguments, &mut screen, &interrupt).await
}

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            screen::error(&format!("the program cannot start: {}", error.kind()));
            return ExitCode::FAILURE;
        }
    };
    let ended = runtime.block_on(run());
    // A browser that is slow to start, or a line that nobody types, is not waited for.
    runtime.shutdown_background();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            screen::error(&failure.to_string());
            ExitCode::from(failure.status())
        }
    }
}
