//! The client: an instance, a consumer and the way between them. The legs of the walk are its methods, each in the
//! file of what it answers.

mod builder;
mod exchange;

use std::fmt;
use std::sync::Arc;

use url::Url;

pub use builder::ClientBuilder;
pub(crate) use builder::Options;
pub(crate) use exchange::{SignedCall, UnsignedCall};

use crate::clock::RequestClock;
use crate::consumer::Consumer;
use crate::error::{Error, Result, Step};
use crate::instance::Instance;
use crate::rest::{Envelope, Repeat, invalid_answer};
use crate::signing::SigningKey;
use crate::transport::Transport;
use crate::v4_1::{GetServerInfo, Method, ServerInfo};

/// What walks the three legs, opens sessions and signs calls. Cheap to clone.
///
/// Signed calls of all clients in the process with the same instance and consumer key share one clock.
///
/// ```no_run
/// # async fn example() -> sugar_oauth::Result<()> {
/// use sugar_oauth::{Client, Consumer, Instance, Password};
///
/// let crm = Instance::parse("https://crm.example.com")?;
/// let client = Client::new(crm.clone(), Consumer::new("CUSTOMKEY", "CUSTOMSECRET")?);
/// println!("{}", client.server_info().await?.product());
///
/// // Without a consumer: no legs, no signed calls.
/// let without = Client::builder(crm).build();
/// let session = without.login("admin", Password::new("…")).await?;
/// # let _ = session;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) instance: Instance,
    /// Where unsigned calls go.
    pub(crate) rest_url: Url,
    pub(crate) signer: Option<Signer>,
    pub(crate) transport: Transport,
    pub(crate) options: Options,
}

/// What signing needs besides a token: there is none without a consumer.
pub(crate) struct Signer {
    pub(crate) consumer: Consumer,
    /// The key for calls without a token.
    pub(crate) key: SigningKey,
    pub(crate) clock: Arc<RequestClock>,
}

impl Client {
    /// A client with the default settings: those that [`ClientBuilder`]'s methods name.
    pub fn new(instance: Instance, consumer: Consumer) -> Self {
        Self::builder(instance).consumer(consumer).build()
    }

    /// Settings to change before building; also for clients without a consumer, which can only log in by password.
    pub fn builder(instance: Instance) -> ClientBuilder {
        ClientBuilder::new(instance)
    }

    /// The instance.
    pub fn instance(&self) -> &Instance {
        &self.shared.instance
    }

    /// The consumer key, if there is a consumer.
    pub fn consumer_key(&self) -> Option<&str> {
        self.shared.signer.as_ref().map(|signer| signer.consumer.key())
    }

    pub(crate) fn signer(&self) -> Result<&Signer> {
        self.shared.signer.as_ref().ok_or_else(|| {
            Error::invalid_input("this client has no consumer to sign with").hint("give one: ClientBuilder::consumer")
        })
    }

    /// Asks the server who it is and what time it has. Needs neither session nor signature.
    ///
    /// # Errors
    /// No connection, or something that is not this API.
    pub async fn server_info(&self) -> Result<ServerInfo> {
        let answered = self.ask_server_info().await;
        answered.map_err(|error| error.at(Step::ServerInfo).without([self.consumer_secret()]))
    }

    /// What a hostile server knows and may repeat in any text; empty without a consumer.
    pub(crate) fn consumer_secret(&self) -> &str {
        let signer = self.shared.signer.as_ref();
        signer.map_or("", |signer| signer.consumer.secret().expose())
    }

    async fn ask_server_info(&self) -> Result<ServerInfo> {
        let answer = self
            .send(UnsignedCall {
                step: Step::ServerInfo,
                method: GetServerInfo::NAME,
                rest_data: GetServerInfo.arguments().to_rest_data(None),
                repeat: Repeat::Harmless,
                limit: Some(WALK_LIMIT),
            })
            .await?;
        let info = match Envelope::read(&answer)? {
            Envelope::Value(value) => GetServerInfo.read(value)?,
            Envelope::Error(error) => return Err(Error::from_api(error)),
            Envelope::Null => return Err(invalid_answer("the server answered null")),
        };
        if let (Some(signer), Some(time)) = (&self.shared.signer, info.gmt_time) {
            signer.clock.learn_gmt_time(time, answer.heard);
        }
        Ok(info)
    }
}

/// The most bytes that an answer of the walk itself may have.
pub(crate) const WALK_LIMIT: usize = 64 * 1024;

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Client")
            .field("site", &self.shared.instance.site_url().as_str())
            .field("consumer_key", &self.consumer_key())
            .finish_non_exhaustive()
    }
}
