//! The server that is asked, and what is known of it.

use sugar_oauth::sandbox::{Flavour, Sandbox};
use sugar_oauth::{
    AccessToken, Callback, Client, ClientBuilder, Consumer, Instance, Password, RequestToken, Session, Verifier,
};

use crate::person::{Answer, Person};

/// A server with a consumer and a user on it.
pub struct Target {
    pub sandbox: Option<Sandbox>,
    pub flavour: Option<Flavour>,
    pub url: String,
    pub consumer_key: String,
    pub consumer_secret: String,
    pub user_name: String,
    password: String,
    signing_url: Option<String>,
}

pub fn is_live() -> bool {
    std::env::var_os("SUGAR_TEST_URL").is_some()
}

impl Target {
    /// A fresh practice instance, or the live one.
    pub async fn start(flavour: Option<Flavour>) -> Self {
        let Some(flavour) = flavour else {
            let need = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
            return Self {
                sandbox: None,
                flavour: None,
                url: need("SUGAR_TEST_URL"),
                consumer_key: need("SUGAR_TEST_CONSUMER_KEY"),
                consumer_secret: need("SUGAR_TEST_CONSUMER_SECRET"),
                user_name: need("SUGAR_TEST_USER"),
                password: need("SUGAR_TEST_PASSWORD"),
                signing_url: std::env::var("SUGAR_TEST_SIGNING_URL").ok(),
            };
        };
        let sandbox = Sandbox::builder()
            .flavour(flavour)
            .start()
            .await
            .expect("a practice instance");
        Self {
            flavour: Some(flavour),
            url: sandbox.url().to_owned(),
            consumer_key: sandbox.consumer_key().to_owned(),
            consumer_secret: sandbox.consumer_secret().to_owned(),
            user_name: sandbox.user_name().to_owned(),
            password: sandbox.password().to_owned(),
            signing_url: sandbox.signing_url().map(str::to_owned),
            sandbox: Some(sandbox),
        }
    }

    pub fn sandbox(&self) -> &Sandbox {
        self.sandbox.as_ref().expect("only the practice instance is asked this")
    }

    pub fn password(&self) -> Password {
        Password::new(&self.password)
    }

    pub fn instance(&self) -> Instance {
        let instance = Instance::parse(&self.url).expect("a site URL");
        match &self.signing_url {
            Some(url) => instance.with_signing_url(url).expect("a URL to sign"),
            None => instance,
        }
    }

    pub fn builder(&self) -> ClientBuilder {
        let allowed = std::env::var("SUGAR_ALLOW_HTTP").is_ok_and(|yes| yes == "1");
        Client::builder(self.instance())
            .allow_http(allowed)
            .allow_password_over_http(allowed)
    }

    pub fn client(&self) -> Client {
        self.builder().consumer(self.consumer()).build()
    }

    pub fn consumer(&self) -> Consumer {
        Consumer::new(&self.consumer_key, &self.consumer_secret).expect("a consumer")
    }

    pub async fn request_token(&self, client: &Client) -> RequestToken {
        client
            .request_token(Callback::OutOfBand)
            .await
            .expect("a request token")
    }

    /// What a person does at the authorize page, by the forms that a browser would post.
    pub async fn authorize(&self, request_token: &RequestToken) -> Answer {
        let mut person = Person::new(&self.user_name, self.password().expose());
        person.authorize(request_token.authorize_url().as_str()).await
    }

    pub async fn verifier(&self, request_token: &RequestToken) -> Verifier {
        match self.authorize(request_token).await {
            Answer::Page(code) => Verifier::from_input(&code).expect("a verifier"),
            Answer::SentTo(url) => Verifier::from_input(&url).expect("a verifier in the callback"),
        }
    }

    pub async fn access_token(&self, client: &Client) -> AccessToken {
        let request_token = self.request_token(client).await;
        let verifier = self.verifier(&request_token).await;
        client
            .access_token(&request_token, &verifier)
            .await
            .expect("an access token")
    }

    pub async fn session(&self, client: &Client) -> Session {
        let access_token = self.access_token(client).await;
        client.oauth_access(&access_token).await.expect("a session")
    }
}
