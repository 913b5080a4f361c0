//! The loopback listener that the browser brings the verifier to. Bound before leg 1, because leg 1 sends its URL.
//!
//! It listens on the literal `127.0.0.1` and on one path of 128 random bits, so that no other page can guess where to
//! send a verifier of its own. What comes is a candidate only: the exchange decides, and the listener stays open until
//! one has succeeded.

#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod page;
mod request;

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinHandle;
use url::Url;

use crate::clock::random_hex;
use crate::error::{Error, ErrorKind, Result, Step};
use crate::secret::Verifier;
use request::{Candidate, Meaning};

/// How many connections are served at once; more wait their turn.
const CONNECTIONS: usize = 256;
/// How long a connection may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long [`CallbackListener::finish`] waits for a browser to fetch the last page.
const LAST_PAGE: Duration = Duration::from_secs(3);
/// The most bytes of a request's head: the browser sends along the cookies of everything on 127.0.0.1.
const LONGEST_HEAD: usize = 64 * 1024;
/// How many candidates are kept for the caller.
const CANDIDATES: usize = 16;

/// Listens on this machine for the browser that comes back from the authorize page.
///
/// Wait for it beside a paste prompt: on many old instances the callback never comes, and the browser may be on another
/// machine. Dropping it closes it; [`finish`](Self::finish) lets the browser have its last page first.
///
/// ```no_run
/// # async fn example(client: &sugar_oauth::Client) -> sugar_oauth::Result<()> {
/// use sugar_oauth::CallbackListener;
///
/// let mut listener = CallbackListener::bind(None).await?;
/// let request_token = client.request_token(listener.callback()).await?;
/// request_token.authorize_url().open_in_browser().await?;
/// let access_token = loop {
///     let verifier = listener.next_verifier(&request_token).await?;
///     // Whoever came may have brought a made-up one; the next is waited for.
///     if let Ok(access_token) = client.access_token(&request_token, &verifier).await {
///         break access_token;
///     }
/// };
/// listener.finish().await;
/// # let _ = access_token;
/// # Ok(())
/// # }
/// ```
pub struct CallbackListener {
    url: Url,
    candidates: mpsc::Receiver<Candidate>,
    served: Arc<Served>,
    task: JoinHandle<()>,
}

/// What the connections share.
struct Served {
    host: String,
    path: String,
    candidates: mpsc::Sender<Candidate>,
    /// Browsers that were sent on to the page and have not fetched it yet.
    pages_owed: watch::Sender<usize>,
}

impl CallbackListener {
    /// Listens on a free port of 127.0.0.1, or on the one given.
    ///
    /// # Errors
    /// [`ErrorKind::Callback`] when the port is taken or may not be used.
    pub async fn bind(port: Option<u16>) -> Result<Self> {
        let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port.unwrap_or(0)));
        let listener = TcpListener::bind(wanted)
            .await
            .map_err(|error| cannot_bind(port, &error))?;
        let address = listener.local_addr().map_err(|error| cannot_bind(port, &error))?;
        let path = format!("/callback/{}", random_hex()?);
        let url = Url::parse(&format!("http://{address}{path}"))
            .map_err(|_| Error::new(ErrorKind::Callback, "the listener's address is no URL"))?;
        let (sender, candidates) = mpsc::channel(CANDIDATES);
        let served = Arc::new(Served {
            // As browsers write it into `Host`: without the port where that is http's own.
            host: url.authority().to_owned(),
            path,
            candidates: sender,
            pages_owed: watch::Sender::new(0),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&served)));
        Ok(Self {
            url,
            candidates,
            served,
            task,
        })
    }

    /// The URL to give to leg 1.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The same as a [`Callback`](crate::Callback).
    pub fn callback(&self) -> crate::request_token::Callback {
        crate::request_token::Callback::Url(self.url.clone())
    }

    /// Waits for the next verifier that a browser brings for this request token. Call it again if the exchange refuses
    /// it: whoever came may not have been the person.
    ///
    /// There is no time limit; put one around it. Cancellation-safe: a verifier that came stays for the next call.
    ///
    /// # Errors
    /// [`ErrorKind::Callback`] when the listener has stopped.
    pub async fn next_verifier(&mut self, request_token: &crate::request_token::RequestToken) -> Result<Verifier> {
        while let Some(candidate) = self.candidates.recv().await {
            if candidate.token == request_token.token() {
                return Ok(candidate.verifier);
            }
            tracing::debug!("a browser came with another walk's token; waiting on");
        }
        Err(Error::new(ErrorKind::Callback, "the callback listener has stopped")
            .hint("paste the code from the page instead")
            .at(Step::Authorize))
    }

    /// Closes the listener, after browsers that were sent to the last page have fetched it, or after 3 s.
    pub async fn finish(self) {
        let mut owed = self.served.pages_owed.subscribe();
        let _ = tokio::time::timeout(LAST_PAGE, owed.wait_for(|owed| *owed == 0)).await;
    }
}

impl Drop for CallbackListener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for CallbackListener {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CallbackListener")
            .field("host", &self.served.host)
            .finish_non_exhaustive()
    }
}

fn cannot_bind(port: Option<u16>, error: &io::Error) -> Error {
    let place = port.map_or_else(|| String::from("a free port"), |port| format!("port {port}"));
    let what = match error.kind() {
        io::ErrorKind::AddrInUse => "it is taken by another program",
        io::ErrorKind::PermissionDenied => "this user may not use it",
        _ => "the operating system refuses it",
    };
    Error::new(
        ErrorKind::Callback,
        format!("cannot listen on {place} of 127.0.0.1: {what}"),
    )
    .hint("leave the port out, so that a free one is taken")
    .hint("or go without a callback and paste the code from the page")
    .at(Step::Authorize)
}

async fn accept(listener: TcpListener, served: Arc<Served>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    // Aborting this task drops the set, which aborts the connections.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            // Out of file descriptors, most likely: they come back.
            Err(_) => {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        while connections.try_join_next().is_some() {}
        let served = Arc::clone(&served);
        connections.spawn(async move {
            let _place = place;
            serve(stream, served).await;
        });
    }
}

async fn serve(stream: TcpStream, served: Arc<Served>) {
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let answer = served.answer(&request);
        async move { Ok::<_, Infallible>(answer) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .keep_alive(false)
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    // Junk on a connection is that connection's trouble; slow readers are cut off.
    let _ = tokio::time::timeout(PATIENCE * 2, connection).await;
}

impl Served {
    fn answer(&self, request: &hyper::Request<Incoming>) -> hyper::Response<page::Body> {
        match request::meaning(request, &self.host, &self.path) {
            Meaning::Verifier(candidate) => {
                self.pages_owed.send_modify(|owed| *owed += 1);
                // Full means that the caller does not take them; the person can still paste.
                let _ = self.candidates.try_send(candidate);
                page::see_other(&format!("{}/done", self.path))
            }
            Meaning::LastPage => {
                self.pages_owed.send_modify(|owed| *owed = owed.saturating_sub(1));
                page::done()
            }
            Meaning::Nothing => page::not_found(),
        }
    }
}
