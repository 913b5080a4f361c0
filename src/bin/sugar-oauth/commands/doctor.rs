//! `doctor`: why a connection does not work.

use std::path::PathBuf;

use clap::Args;
use sugar_oauth::doctor::{Doctor as Examination, Finding, Report};
use sugar_oauth::profile::{Api, Credentials};
use sugar_oauth::{Consumer, Instance};

use crate::context::Context;
use crate::environment::variable;
use crate::failure::Failure;
use crate::input::SecretSources;
use crate::output::Output;

const EXAMPLES: &str = "\
Examples:
  sugar-oauth doctor https://crm.example.com
  sugar-oauth doctor https://crm.example.com --consumer-key KEY
  sugar-oauth --profile staging doctor --json

It never signs with a timestamp later than the server's clock, sends nothing to another origin,
and leaves nothing behind but nonces and at most one request token, which dies within a day.
docs/doctor.md lists what it can find. Exit status: 0 no problem found, 1 there are problems.";

/// Finds out why a connection does not work, by trying, and names the setting that mends it
///
/// Without a consumer key nothing is signed. Without a URL it examines the profile, with its consumer.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Doctor {
    /// The site URL, such as https://crm.example.com [env: SUGAR_URL] [default: the profile's]
    url: Option<String>,
    /// From Admin > OAuth Keys; also signs, then
    #[arg(long, value_name = "KEY", env = "SUGAR_CONSUMER_KEY", hide_env_values = true)]
    consumer_key: Option<String>,
    /// A file that holds the secret
    #[arg(long, value_name = "FILE", conflicts_with = "secret_stdin")]
    secret_file: Option<PathBuf>,
    /// Reads the secret from standard input
    #[arg(long)]
    secret_stdin: bool,
    /// The site URL as the server sees it, if a proxy stands before it
    #[arg(long, value_name = "URL", env = "SUGAR_SIGNING_URL", hide_env_values = true)]
    signing_url: Option<String>,
}

impl Doctor {
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        let (instance, consumer) = match self.given_url()? {
            Some((name, url)) => {
                let instance = Instance::parse(&url).map_err(|error| Failure::input(name, &error))?;
                (instance, self.consumer(context).await?)
            }
            None if self.secret_file.is_some() || self.secret_stdin => {
                let what = "a consumer's secret is for a URL, and there is none: a profile has a consumer of its own";
                return Err(Failure::usage(what).hint("give the URL, or leave --secret-file and --secret-stdin out"));
            }
            None => of_profile(context).await?,
        };
        let instance = match &self.signing_url {
            Some(url) => instance
                .with_signing_url(url)
                .map_err(|error| Failure::input("--signing-url", &error))?,
            None => instance,
        };
        let mut builder = context.client_builder(instance)?;
        if let Some(consumer) = consumer {
            builder = builder.consumer(consumer);
        }
        let output = context.output;
        let examination = Examination::new(&builder.build()).on_finding(move |finding| {
            if !output.is_json() {
                // That nobody reads any more shows at the last line.
                let _ = show(output, finding);
            }
        });
        let report = context.interrupt.or(examination.examine()).await?;
        if output.is_json() {
            let json = serde_json::to_value(&report);
            output.json(&json.map_err(|_| Failure::failed("the report cannot be written"))?)?;
        }
        verdict(&report, output.is_json(), |line| output.line(line))
    }

    /// The URL, and what it was given as.
    fn given_url(&self) -> Result<Option<(&'static str, String)>, Failure> {
        match (&self.url, variable("SUGAR_URL")?) {
            (Some(url), _) => Ok(Some(("URL", url.clone()))),
            (None, Some(url)) => Ok(Some(("SUGAR_URL", url))),
            (None, None) => Ok(None),
        }
    }

    async fn consumer(&self, context: &Context) -> Result<Option<Consumer>, Failure> {
        let Some(key) = &self.consumer_key else {
            return Ok(None);
        };
        let bad = |error: sugar_oauth::Error| Failure::input("consumer", &error);
        Consumer::new(key.as_str(), "not yet known").map_err(bad)?;
        let secret = SecretSources {
            what: "consumer secret",
            variable: "SUGAR_CONSUMER_SECRET",
            option: "--secret",
            file: self.secret_file.as_deref(),
            stdin: self.secret_stdin,
        };
        let secret = secret.get(context).await?;
        Consumer::new(key.as_str(), secret).map(Some).map_err(bad)
    }
}

/// A profile's instance, and the consumer that it was logged in with.
async fn of_profile(context: &Context) -> Result<(Instance, Option<Consumer>), Failure> {
    let profile = context
        .profile()
        .map_err(|failure| failure.hint("or give a URL: sugar-oauth doctor https://crm.example.com"))?;
    if *profile.api() != Api::V4_1 {
        return Err(Failure::usage(format!(
            "the profile {} is for the API {}, and the doctor examines v4_1",
            profile.name(),
            profile.api().name()
        ))
        .hint("give the URL to see which APIs there are: sugar-oauth doctor https://crm.example.com"));
    }
    let consumer = match context.credentials(&profile).await? {
        Credentials::OAuth1 { consumer, .. } => Some(consumer),
        _ => None,
    };
    Ok((profile.instance().clone(), consumer))
}

/// A problem's first line stands out where there are colours.
fn show(output: Output, finding: &Finding) -> Result<(), Failure> {
    let text = finding.to_string();
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    match finding.state.is_problem() {
        true => output.heading(first)?,
        false => output.line(first)?,
    }
    if rest.is_empty() { Ok(()) } else { output.line(rest) }
}

fn verdict(report: &Report, quiet: bool, line: impl Fn(&str) -> Result<(), Failure>) -> Result<(), Failure> {
    let problems: Vec<&str> = report.problems().map(|finding| finding.id.as_str()).collect();
    if report.healthy {
        return match quiet {
            true => Ok(()),
            false => line("No problem was found."),
        };
    }
    let failure = Failure::failed(format!("the connection does not work: {}", problems.join(", ")));
    let hints = report.problems().flat_map(|finding| {
        let of_causes = finding.causes.iter().filter_map(|cause| cause.remedies.first());
        finding.remedies.iter().chain(of_causes)
    });
    Err(hints.fold(failure, |failure, remedy| failure.hint(remedy.to_string())))
}
