//! `completions`: what a shell needs to complete the commands.

use clap::{Args, ValueEnum};
use clap_complete::Shell;

use crate::context::Context;
use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  sugar-oauth completions bash > ~/.local/share/bash-completion/completions/sugar-oauth
  sugar-oauth completions zsh > ~/.zfunc/_sugar-oauth
  sugar-oauth completions fish > ~/.config/fish/completions/sugar-oauth.fish";

/// The shells that it is for.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum For {
    Bash,
    Zsh,
    Fish,
}

/// Prints a script that completes commands and options in a shell
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: For,
}

impl Completions {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let shell = match self.shell {
            For::Bash => Shell::Bash,
            For::Zsh => Shell::Zsh,
            For::Fish => Shell::Fish,
        };
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut (context.program)(), "sugar-oauth", &mut script);
        context.output.line(String::from_utf8_lossy(&script).trim_end())
    }
}
