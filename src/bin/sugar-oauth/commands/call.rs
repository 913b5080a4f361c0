//! `call`: a method by its name, or a path of v10 and v11.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;
use sugar_oauth::profile::Api;
use sugar_oauth::{Session, printable};

use crate::context::Context;
use crate::failure::Failure;
use crate::terminal::reason;

const EXAMPLES: &str = "\
Examples:
  sugar-oauth call get_server_info
  sugar-oauth call get_entries_count --data '{\"module_name\":\"Contacts\",\"query\":\"\",\"deleted\":0}'
  sugar-oauth call set_entry --data-file new-account.json
  sugar-oauth call get_user_id --signed
  sugar-oauth --profile new call 'Accounts?max_num=2&fields=name'    with a login to v10 or v11

The arguments are a JSON object in the documented order, without the session. Long ones, and those
that not everyone on this machine may see, come from a file or standard input (--data-file -). The
methods that log in and out have commands of their own. With a login to v10 or v11 it is a path that
is read (GET). A call that was sent is not sent again: the server may have acted on it.";

/// More than the server takes, in bytes.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Calls a method with arguments of your own, and prints the answer as JSON
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Call {
    /// The method, such as get_entry_list; a path for v10 and v11
    method: String,
    #[command(flatten)]
    data: Data,
    /// Signs the call itself, without a session
    #[arg(long)]
    signed: bool,
}

/// The arguments of a method, from where they are.
#[derive(Debug, Clone, Args)]
pub struct Data {
    /// The arguments, JSON (rest_data without the session)
    #[arg(long, value_name = "JSON", conflicts_with = "data_file")]
    data: Option<String>,
    /// A file that holds the arguments; - for standard input
    #[arg(long, value_name = "FILE")]
    data_file: Option<PathBuf>,
}

impl Data {
    fn is_given(&self) -> bool {
        self.data.is_some() || self.data_file.is_some()
    }

    /// The arguments; none where nothing is given.
    pub async fn read(&self, context: &Context) -> Result<Value, Failure> {
        let given = self.clone();
        let read = tokio::task::spawn_blocking(move || arguments(given.data, given.data_file.as_deref()));
        match context.interrupt.or(read).await? {
            Ok(arguments) => arguments,
            Err(_) => Err(Failure::failed("a thread of this program has died")),
        }
    }
}

impl Call {
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        let profile = context.profile()?;
        let answer = match profile.api() {
            Api::Rest { .. } => {
                self.check_for_rest()?;
                let session = context.rest_session_of(&profile).await?;
                let (path, query) = split(&self.method);
                let query: Vec<(&str, &str)> = query.iter().map(|(name, value)| (&**name, &**value)).collect();
                context.interrupt.or(session.get(path, &query)).await??
            }
            _ => self.of_v4_1(context).await?,
        };
        print(context, &answer)
    }

    async fn of_v4_1(&self, context: &Context) -> Result<Value, Failure> {
        let arguments = self.data.read(context).await?;
        if !self.signed {
            let call = async |session: Session| Ok(session.call_raw(&self.method, arguments.clone()).await?);
            return context.with_session(call).await;
        }
        let (client, access_token) = context.client().await?;
        let signed = client.signed(&access_token)?;
        Ok(context.interrupt.or(signed.call_raw(&self.method, arguments)).await??)
    }

    fn check_for_rest(&self) -> Result<(), Failure> {
        if self.signed || self.data.is_given() {
            return Err(Failure::usage(
                "--data, --data-file and --signed are for v4_1; with this login `call` reads a path",
            )
            .hint("sugar_oauth::oauth2 writes"));
        }
        Ok(())
    }
}

/// A path and its query, decoded.
fn split(path: &str) -> (String, Vec<(String, String)>) {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let pairs = url::form_urlencoded::parse(query.as_bytes()).into_owned();
    (path.trim_start_matches('/').to_owned(), pairs.collect())
}

fn arguments(data: Option<String>, file: Option<&Path>) -> Result<Value, Failure> {
    let (text, from) = match (data, file) {
        (None, None) => return Ok(Value::Object(serde_json::Map::new())),
        (Some(data), _) => (data, String::from("--data")),
        (None, Some(path)) if path == Path::new("-") => (
            read(io::stdin().lock(), "standard input")?,
            String::from("standard input"),
        ),
        (None, Some(path)) => {
            let shown = printable(&path.display().to_string());
            let file = std::fs::File::open(path).map_err(|error| unreadable(&shown, &error))?;
            (read(file, &shown)?, shown)
        }
    };
    // serde's own text repeats nothing of the data, but where it stops fitting.
    serde_json::from_str(&text).map_err(|error| {
        Failure::usage(format!(
            "{from} holds no JSON: line {}, column {}",
            error.line(),
            error.column()
        ))
        .hint("give an object, such as {\"module_name\":\"Contacts\"}")
    })
}

fn read(from: impl Read, shown: &str) -> Result<String, Failure> {
    let mut text = String::new();
    let read = from.take(LARGEST).read_to_string(&mut text);
    read.map(|_| text).map_err(|error| unreadable(shown, &error))
}

fn unreadable(shown: &str, error: &io::Error) -> Failure {
    Failure::usage(format!("{shown} cannot be read: {}", reason(error)))
}

/// One line for programs, indented for people.
fn print(context: &Context, answer: &Value) -> Result<(), Failure> {
    if context.output.is_json() {
        return context.output.json(answer);
    }
    let indented = serde_json::to_string_pretty(answer).map_err(|_| Failure::failed("the answer cannot be written"))?;
    context.output.json_text(&indented)
}
