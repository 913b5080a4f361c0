//! `sugar-oauth`: the crate on the command line. `docs/cli.md` describes it.
//!
//! Each command is a file in `commands/`; what it does is the library's.
#![forbid(unsafe_code)]

mod arguments;
mod commands;
mod context;
mod environment;
mod failure;
mod global;
mod input;
mod listing;
mod logging;
mod output;
#[allow(dead_code, unused_imports, reason = "shared with examples")]
mod terminal;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use arguments::Arguments;
use context::Context;
use failure::Failure;
use output::Output;
use terminal::Interrupt;

/// Help that was asked for, or an error.
fn not_understood(error: &clap::Error) -> ExitCode {
    match arguments::failure(error) {
        Some(failure) => {
            let json = std::env::args_os().any(|argument| argument == "--json");
            Output::new(json).error(&failure);
            ExitCode::from(failure.status())
        }
        None => {
            // Help that is piped into something that ends early is no failure.
            let _ = error.print();
            ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
        }
    }
}

async fn run(arguments: Arguments, output: Output) -> Result<(), Failure> {
    let context = Context {
        program: Arguments::command,
        global: arguments.global,
        output,
        interrupt: Interrupt::listen().await,
    };
    arguments.command.run(&context).await
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return not_understood(&error),
    };
    logging::start(arguments.global.verbose);
    let output = Output::new(arguments.global.json);
    let ended = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => {
            let ended = runtime.block_on(run(arguments, output));
            // A browser that is slow to start, or a line that nobody types, is not waited for.
            runtime.shutdown_background();
            ended
        }
        Err(error) => Err(Failure::failed(format!("the program cannot start: {}", error.kind()))),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !matches!(failure, Failure::ReaderGone) {
                output.error(&failure);
            }
            ExitCode::from(failure.status())
        }
    }
}
