//! Follows what changes in a module: what an integration runs every five minutes.
//!
//!     cargo run --example changes -- [MODULE] --state FILE [--every SECONDS] [--once] [--fields a,b] [--since TIME]
//!
//! With the variables that `walkthrough --save FILE` keeps (`. FILE`) and SUGAR_CONSUMER_SECRET it follows that instance,
//! and goes on where the run before has come to; without any of them it shows the idea on a practice instance inside this
//! process. Changes come on standard output, a line of JSON each; all talk goes to standard error.

mod arguments;
#[path = "../common/mod.rs"]
mod common;
mod follow;
mod practice;
mod state;

use std::process::ExitCode;
use std::time::Duration;

use arguments::Options;
use common::access::{self, Access};
use common::{failure, interrupt, private_file, temporary};
use failure::Failure;
use follow::{Count, Follower};
use interrupt::Interrupt;
use state::State;
use sugar_oauth::{ErrorKind, Session};

/// The time between two passes, unless told otherwise.
const EVERY: Duration = Duration::from_secs(300);

/// What a pass has brought.
fn said(count: &Count) {
    let mut text = format!("Changes: {}; deletions among them: {}", count.changes, count.deleted);
    if count.refused > 0 {
        text += &format!("; records that the server could not give: {}", count.refused);
    }
    eprintln!("{text}.");
}

async fn run() -> Result<(), Failure> {
    let Some(options) = arguments::read()? else {
        print!("{}", arguments::HELP);
        return Ok(());
    };
    let interrupt = Interrupt::listen().await;
    if access::is_named() && options.state.is_none() {
        return Err(Failure::usage("--state FILE is needed: it keeps how far changes have been read").hint("--help"));
    }
    let access = interrupt.or(Access::find()).await??;
    let instance = access.client.instance().site_url().to_string();
    // A practice instance ends with this process, and its state with it.
    let own = temporary::folder("crm-changes-")?;
    let file = options.state.clone().unwrap_or_else(|| own.path().join("state.json"));
    let state = State::new(&file, &instance, &options.module)?;
    // A state that cannot be used is said before anything is asked.
    state.read()?;
    let session = access::open(&access, &interrupt).await?;
    let ended = follow(&access, &session, state, &options, &interrupt).await;
    access::close(&session).await;
    ended
}

async fn follow(
    access: &Access,
    session: &Session,
    state: State,
    options: &Options,
    interrupt: &Interrupt,
) -> Result<(), Failure> {
    let follower = Follower::new(session, state, options, interrupt).await?;
    if options.module == "Emails" {
        eprintln!("Deleted e-mails are not seen: the server answers an error for lists with them.");
    }
    if let Some(sandbox) = &access.practice {
        eprintln!("No SUGAR_* variables, so this follows a practice instance inside this process.");
        return practice::show(sandbox, session, &follower, options).await;
    }
    said(&follower.pass().await?);
    if options.once {
        return Ok(());
    }
    loop {
        if interrupt
            .or(tokio::time::sleep(options.every.unwrap_or(EVERY)))
            .await
            .is_err()
        {
            return Ok(());
        }
        match follower.pass().await {
            Ok(count) => said(&count),
            Err(Failure::Step(error)) if may_pass(error.kind()) => {
                eprintln!("error: {error:#}\nThe next pass goes on where this one has come to.");
            }
            Err(failure) => return Err(failure),
        }
    }
}

/// Whether a server that fails so may be well again when the next pass is due.
fn may_pass(kind: ErrorKind) -> bool {
    use ErrorKind::{Connect, HttpStatus, InvalidAnswer, NotTheApi, Timeout};
    matches!(kind, Connect | HttpStatus | InvalidAnswer | NotTheApi | Timeout)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(failure.status())
        }
    }
}
