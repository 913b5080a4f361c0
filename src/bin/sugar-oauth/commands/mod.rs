//! The commands, a file each: its arguments, its help, and `run`.

mod default;
mod doctor;
mod login;
mod logout;
mod status;

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
}

impl Command {
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Command::Login(command) => command.run(context).await,
            Command::Status(command) => command.run(context).await,
            Command::Logout(command) => command.run(context).await,
            Command::Default(command) => command.run(context),
            Command::Doctor(command) => command.run(context).await,
        }
    }
}
