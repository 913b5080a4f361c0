//! The commands, a file each: its arguments, its help, and `run`.

mod call;
mod completions;
mod count;
mod default;
mod doctor;
mod download;
mod export;
mod fields;
mod get;
mod list;
mod login;
mod logout;
mod modules;
mod sandbox;
mod sign;
mod status;
mod upload;

use clap::Subcommand;

use crate::context::Context;
use crate::failure::Failure;

#[derive(Debug, Subcommand)]
pub enum Command {
    Login(Box<login::Login>),
    Status(status::Status),
    Logout(logout::Logout),
    Default(default::Default),
    Doctor(doctor::Doctor),
    Modules(modules::Modules),
    Fields(fields::Fields),
    Count(count::Count),
    Get(get::Get),
    List(list::List),
    Export(Box<export::Export>),
    Call(call::Call),
    Sign(sign::Sign),
    Upload(upload::Upload),
    Download(download::Download),
    Sandbox(sandbox::Sandbox),
    Completions(completions::Completions),
}

impl Command {
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Command::Login(command) => command.run(context).await,
            Command::Status(command) => command.run(context).await,
            Command::Logout(command) => command.run(context).await,
            Command::Default(command) => command.run(context),
            Command::Doctor(command) => command.run(context).await,
            Command::Modules(command) => command.run(context).await,
            Command::Fields(command) => command.run(context).await,
            Command::Count(command) => command.run(context).await,
            Command::Get(command) => command.run(context).await,
            Command::List(command) => command.run(context).await,
            Command::Export(command) => command.run(context).await,
            Command::Call(command) => command.run(context).await,
            Command::Sign(command) => command.run(context).await,
            Command::Upload(command) => command.run(context).await,
            Command::Download(command) => command.run(context).await,
            Command::Sandbox(command) => command.run(context).await,
            Command::Completions(command) => command.run(context),
        }
    }
}
