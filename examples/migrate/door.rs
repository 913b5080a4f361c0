//! Both sides: from the environment, or two practice instances.

use std::env;

use sugar_oauth::oauth2::{self, ClientSecret, Platform};
use sugar_oauth::sandbox::Sandbox;
use sugar_oauth::{Instance, Password};

use crate::Failure;
use crate::common::access::{self, Access};
use crate::common::interrupt::Interrupt;
use crate::practice;
use crate::source::Source;
use crate::target::Target;

const TARGET: [&str; 4] = [
    "SUGAR_TARGET_URL",
    "SUGAR_TARGET_USER",
    "SUGAR_TARGET_PASSWORD",
    "SUGAR_TARGET_PLATFORM",
];

/// The version of the target's API.
pub const VERSION: &str = "v11";

/// Both sides, and where they are.
pub struct Sides {
    pub source: Source,
    pub target: Target,
    pub source_url: String,
    pub target_url: String,
    /// The practice instances, which live as long as this.
    pub practice: Option<(Option<Sandbox>, Sandbox)>,
}

pub async fn open(workers: usize, interrupt: &Interrupt) -> Result<Sides, Failure> {
    // A password alone names nothing: it may be there for later.
    let target_is_named = TARGET[..2].iter().any(|name| env::var_os(name).is_some());
    if !access::is_named() && !target_is_named {
        println!("No SUGAR_* variables, so this runs between two practice instances inside this process.");
        let old = Access::find().await?;
        let source = access::open(&old, interrupt).await?;
        practice::attach_files(&source).await?;
        let (new, target) = practice::new().await?;
        return Ok(Sides {
            source_url: old.client.instance().site_url().to_string(),
            target_url: new.url().to_owned(),
            source: Source::new(source, workers),
            target: Target::new(target),
            practice: Some((old.practice, new)),
        });
    }
    if !access::is_named() {
        return Err(Failure::usage(
            "SUGAR_URL is not set: the target is named, and the source is not",
        ));
    }
    // All of both is read before either is asked.
    let new = NewInstance::from_environment()?;
    let old = Access::find().await?;
    let source_url = old.client.instance().site_url().to_string();
    let target_url = new.client.instance().site_url().to_string();
    let target = interrupt
        .or(new.log_in())
        .await?
        .map_err(|error| on("target", &target_url, error))?;
    let source = access::open(&old, interrupt)
        .await
        .map_err(|error| on("source", &source_url, error))?;
    Ok(Sides {
        source: Source::new(source, workers),
        target: Target::new(target),
        source_url,
        target_url,
        practice: None,
    })
}

/// Two instances are asked: the error says which one it is of.
fn on(side: &str, url: &str, failure: Failure) -> Failure {
    match failure {
        Failure::Step(error) => Failure::own(format!("the {side}, {url}: {error:#}")),
        other => other,
    }
}

struct NewInstance {
    client: oauth2::Client,
    user: String,
    password: Password,
}

impl NewInstance {
    fn from_environment() -> Result<Self, Failure> {
        let get = |name: &str| {
            env::var(name).map_err(|_| Failure::usage(format!("{name} is not set; needed are {}", TARGET.join(", "))))
        };
        let is_on = |name: &str| env::var(name).is_ok_and(|value| value == "1");
        let wrong = |name: &'static str| move |error: sugar_oauth::Error| Failure::input(name, &error);
        let instance = Instance::parse(&get("SUGAR_TARGET_URL")?).map_err(wrong("SUGAR_TARGET_URL"))?;
        let platform = Platform::new(get("SUGAR_TARGET_PLATFORM")?).map_err(wrong("SUGAR_TARGET_PLATFORM"))?;
        let mut builder = oauth2::Client::builder(instance, platform)
            .api_version(VERSION)?
            .allow_http(is_on("SUGAR_ALLOW_HTTP"))
            .allow_password_over_http(is_on("SUGAR_ALLOW_PASSWORD_OVER_HTTP"));
        if let Ok(id) = env::var("SUGAR_TARGET_CLIENT_ID") {
            let secret = env::var("SUGAR_TARGET_CLIENT_SECRET").ok().map(ClientSecret::new);
            builder = builder.client_id(id, secret).map_err(wrong("SUGAR_TARGET_CLIENT_ID"))?;
        }
        Ok(Self {
            client: builder.build(),
            user: get("SUGAR_TARGET_USER")?,
            password: Password::new(get("SUGAR_TARGET_PASSWORD")?),
        })
    }

    /// With the password at hand: a migration may take longer than a refresh token lives.
    async fn log_in(&self) -> Result<oauth2::Session, Failure> {
        let password = self.password.clone();
        let provider = move || {
            let password = password.clone();
            async move { Some(password) }
        };
        Ok(self.client.password_with(&self.user, provider).await?)
    }
}
