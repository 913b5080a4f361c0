//! `sign`: a signed call for another program to send.

use clap::Args;
use serde_json::json;
use sugar_oauth::printable;
use sugar_oauth::signing::{Placement, SignedRequest};

use super::call::Data;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Output;

const EXAMPLES: &str = "\
Examples:
  sugar-oauth sign oauth_access --curl | sh
  sugar-oauth sign get_user_id
  sugar-oauth sign get_entries_count --data '{\"module_name\":\"Contacts\",\"query\":\"\",\"deleted\":0}' --explain

The server takes it once, and only until anyone signs a call with the same consumer key: send it
soon. A URL leaves the arguments in the web server's log; --curl puts them into a form. The access
token is in it and no secret is, only the signature that they make.";

/// Prints a signed call for another program to send: its URL, or a command for curl
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Sign {
    /// The method, such as get_user_id; oauth_access opens a session
    method: String,
    #[command(flatten)]
    data: Data,
    /// A command for curl, which POSTs a form
    #[arg(long)]
    curl: bool,
    /// Shows what is signed, and each parameter in its place
    #[arg(long)]
    explain: bool,
}

impl Sign {
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        let (client, access_token) = context.client().await?;
        let arguments = self.data.read(context).await?;
        let placement = if self.curl { Placement::Form } else { Placement::Query };
        let signed = client.signed(&access_token)?.placement(placement);
        let request = context
            .interrupt
            .or(signed.prepare_raw(&self.method, arguments))
            .await??;
        let output = context.output;
        if output.is_json() {
            return output.json(&json!({
                "method": request.method().as_str(),
                "url": request.url().as_str(),
                "body": request.body(),
                "signature": request.signature(),
                "base_string": request.base_string(),
            }));
        }
        if self.explain {
            explain(output, &request)?;
        }
        let authorities = context.global.ca_certificate.as_ref();
        output.line(match self.curl {
            true => curl(&request, authorities.map(|path| path.display().to_string())),
            false => request.url().to_string(),
        })
    }
}

/// A command for curl. Nothing in it is read as a pattern, an option or a file's name.
fn curl(request: &SignedRequest, authorities: Option<String>) -> String {
    let mut words = vec![String::from("curl"), String::from("--globoff")];
    if let Some(file) = authorities {
        words.extend([String::from("--cacert"), quoted(&file)]);
    }
    if let Some(body) = request.body() {
        words.extend([String::from("--data-raw"), quoted(body)]);
    }
    words.extend([String::from("--url"), quoted(request.url().as_str())]);
    words.join(" ")
}

/// A word that every shell of the family of sh reads as it is.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// The parameters in the order of the base string, and the base string.
fn explain(output: Output, request: &SignedRequest) -> Result<(), Failure> {
    let place = if request.body().is_some() { "form" } else { "query" };
    let sent = request.body().or(request.url().query()).unwrap_or_default();
    let mut pairs: Vec<(&str, &str)> = sent.split('&').filter_map(|pair| pair.split_once('=')).collect();
    pairs.sort_unstable();
    output.heading("Parameters, encoded, in the order in which they are signed")?;
    let widest = pairs.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    for (name, value) in pairs {
        let note = if name == "oauth_signature" {
            "  (not signed)"
        } else {
            ""
        };
        output.line(format!("{place}  {name:widest$}  {value}{note}"))?;
    }
    output.line("")?;
    output.heading("Signature base string: the method, the URL and the parameters, each encoded once more")?;
    output.line(request.base_string())?;
    output.line("")?;
    output.heading("Signature: HMAC-SHA1 of it with the consumer secret, `&` and the token secret")?;
    output.line(printable(request.signature()))?;
    output.line("")
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_are_quoted_for_sh() {
        assert_eq!(quoted("a b$(x)`y`\"\\"), "'a b$(x)`y`\"\\'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
