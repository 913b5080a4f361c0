//! A direct call: signed with the access token, without a session.
//!
//!     cargo run --example signed_call
//!
//! With the variables that `walkthrough --save FILE` keeps (`. FILE`) and SUGAR_CONSUMER_SECRET it calls that instance;
//! without any of them a practice instance inside this process.

#[path = "common/mod.rs"]
mod common;

use std::process::ExitCode;

use common::access::Access;
use common::failure::Failure;
use sugar_oauth::printable;
use sugar_oauth::v4_1::GetEntryList;

async fn run() -> Result<(), Failure> {
    let access = Access::find().await?;
    if access.practice.is_some() {
        println!("No SUGAR_* variables, so this calls a practice instance inside this process.");
    }
    let client = &access.client;
    println!(
        "Calling get_entry_list on {}, signed, no session:",
        client.instance().site_url()
    );
    let call = GetEntryList::new("Accounts")
        .select(["id", "name", "billing_address_city"])
        .max_results(5);
    let list = client.signed(&access.token)?.call(&call).await?;
    if let Some(total) = list.total_count {
        println!("{} of {total} accounts", list.entries.len());
    }
    for entry in &list.entries {
        let field = |name: &str| printable(&entry.get(name).unwrap_or_default());
        println!(
            "  {}  {}, {}",
            printable(entry.id()),
            field("name"),
            field("billing_address_city")
        );
    }
    Ok(())
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
