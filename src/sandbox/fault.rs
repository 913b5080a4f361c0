//! Faults and delays that tests put before or into answers.

use super::http::{Body, Cut, Ending, Response};
use super::received::ReceivedRequest;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Decides whether a fault is meant for a request.
type Predicate = Arc<dyn Fn(&ReceivedRequest) -> bool + Send + Sync>;

/// Decides by the body of the answer.
type AnswerPredicate = Arc<dyn Fn(&[u8]) -> bool + Send + Sync>;

/// Makes another body of an answer's.
#[derive(Clone)]
struct Rewrite(Arc<dyn Fn(Vec<u8>) -> Vec<u8> + Send + Sync>);

impl fmt::Debug for Rewrite {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Rewrite")
    }
}

/// Something that goes wrong with requests. It holds for every request until
/// [`Sandbox::clear_faults`](super::Sandbox::clear_faults), unless [`times`](Fault::times) and
/// [`when`](Fault::when) limit it.
///
/// Faults that replace the answer keep the server from acting on the request, unless
/// [`after_acting`](Fault::after_acting) says otherwise. Of several faults for one request the one
/// that was set first holds.
///
/// ```
/// use std::time::Duration;
///
/// use sugar_oauth::sandbox::{Fault, Sandbox};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::start().await?;
/// // The next answer of this method is lost on the way although the server acted.
/// sandbox.fault(Fault::reset_before_answer().after_acting().on_method("set_entry").once());
/// // A busy server, twice.
/// sandbox.fault(Fault::status(503).header("Retry-After", "1").body("busy").times(2));
/// // What stands between answers with pages that hold a certain record.
/// sandbox.fault(Fault::truncate(100).when_answered(|body| body.windows(4).any(|part| part == b"7f1c")));
/// // PHP's notices before the JSON, and slowly.
/// sandbox.fault(Fault::prefix("<br />\n<b>Notice</b>: …").on_path("rest.php"));
/// sandbox.fault(Fault::delay(Duration::from_millis(50)).when(|request| request.method == "POST"));
/// sandbox.clear_faults();
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "nothing goes wrong before `Sandbox::fault`"]
pub struct Fault {
    effect: Effect,
    acts: bool,
    remaining: Option<u32>,
    predicate: Predicate,
    answer_predicate: Option<AnswerPredicate>,
}

#[derive(Clone, Debug)]
enum Effect {
    Replace(Box<Response>),
    Cut(Ending),
    Delay(Duration),
    Prefix(Vec<u8>),
    Rewrite(Rewrite),
    /// Compressed, and damaged from about the middle on.
    BrokenGzip,
}

impl Fault {
    fn new(effect: Effect, acts: bool) -> Self {
        Self {
            effect,
            acts,
            remaining: None,
            predicate: Arc::new(|_| true),
            answer_predicate: None,
        }
    }

    /// An answer with this status and an empty HTML body; [`body`](Fault::body) and
    /// [`header`](Fault::header) change that.
    pub fn status(status: u16) -> Self {
        Self::new(Effect::Replace(Box::new(Response::html(status, ""))), false)
    }

    /// What REST v10 and v11 answer while an administrator works on the instance: a 503 with the error `maintenance`.
    pub fn maintenance() -> Self {
        Self::status(503)
            .header("Content-Type", "application/json")
            .body(r#"{"error":"maintenance","error_message":"This instance is in maintenance mode. Try again later."}"#)
    }

    /// A `200` with an empty body.
    pub fn empty() -> Self {
        Self::status(200)
    }

    /// These bytes instead of an HTTP answer, after which the connection is closed.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use sugar_oauth::sandbox::Fault;
    ///
    /// // What a client has to survive.
    /// let hostile = [
    ///     Fault::raw("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
    ///     Fault::empty(),
    ///     Fault::maintenance(),
    ///     Fault::gzip_bomb(1 << 33),
    ///     Fault::huge_body(1 << 32),
    ///     Fault::broken_gzip(),
    ///     Fault::reset_within_answer(100),
    ///     Fault::reset_after_answer(),
    ///     Fault::stall(Duration::from_secs(60)),
    ///     Fault::stall_within_answer(100, Duration::from_secs(60)),
    ///     Fault::trickle(Duration::from_millis(100)),
    ///     Fault::rewrite(|body| body.to_ascii_uppercase()),
    /// ];
    /// ```
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        let mut response = Response::html(200, "");
        response.raw = Some(bytes.into());
        Self::new(Effect::Replace(Box::new(response)), false)
    }

    /// A gzip body that decompresses to at least so many bytes of spaces, a thousandth of which
    /// goes over the wire. It is made while it is sent.
    pub fn gzip_bomb(decompressed_bytes: u64) -> Self {
        Self::new(
            Effect::Replace(Box::new(super::hostile::gzip_bomb(decompressed_bytes))),
            false,
        )
    }

    /// A body of at least so many spaces, in chunks.
    pub fn huge_body(bytes: u64) -> Self {
        Self::new(Effect::Replace(Box::new(super::hostile::huge_body(bytes))), false)
    }

    /// The connection is closed after so many bytes of the body.
    pub fn truncate(body_bytes: usize) -> Self {
        Self::new(Effect::Cut(Ending::Close(Cut::InBody(body_bytes))), true)
    }

    /// The connection is reset without any answer. The server does not act.
    pub fn reset_before_answer() -> Self {
        let mut response = Response::html(200, "");
        response.ending = Ending::Reset(Cut::BeforeHead);
        Self::new(Effect::Replace(Box::new(response)), false)
    }

    /// The connection is reset after so many bytes of the body.
    pub fn reset_within_answer(body_bytes: usize) -> Self {
        Self::new(Effect::Cut(Ending::Reset(Cut::InBody(body_bytes))), true)
    }

    /// The whole answer, which promises that the connection stays; then it is reset.
    pub fn reset_after_answer() -> Self {
        Self::new(Effect::Cut(Ending::Reset(Cut::BehindBody)), true)
    }

    /// No answer for so long, then the connection is closed. The server does not act.
    pub fn stall(time: Duration) -> Self {
        let mut response = Response::html(200, "");
        response.ending = Ending::Stall(Cut::BeforeHead, time);
        Self::new(Effect::Replace(Box::new(response)), false)
    }

    /// The answer stops after so many bytes of the body, for so long; then the connection is closed.
    pub fn stall_within_answer(body_bytes: usize, time: Duration) -> Self {
        Self::new(Effect::Cut(Ending::Stall(Cut::InBody(body_bytes), time)), true)
    }

    /// The answer comes one byte at a time, with a pause after each.
    pub fn trickle(pause: Duration) -> Self {
        Self::new(Effect::Cut(Ending::Trickle(pause)), true)
    }

    /// The server acts, and answers only after so long.
    pub fn delay(time: Duration) -> Self {
        Self::new(Effect::Delay(time), true)
    }

    /// These bytes stand before the body, as a PHP notice or a byte order mark would.
    pub fn prefix(bytes: impl Into<Vec<u8>>) -> Self {
        Self::new(Effect::Prefix(bytes.into()), true)
    }

    /// The body as this makes it, for example with another `total_count`.
    pub fn rewrite(rewrite: impl Fn(Vec<u8>) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::new(Effect::Rewrite(Rewrite(Arc::new(rewrite))), true)
    }

    /// The body compressed, and damaged from its middle on.
    pub fn broken_gzip() -> Self {
        Self::new(Effect::BrokenGzip, true)
    }

    /// Adds a header to an answer made by [`status`](Fault::status), for example `Retry-After`.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Effect::Replace(response) = &mut self.effect {
            if name.eq_ignore_ascii_case("Content-Type") {
                response.content_type = value.to_owned();
            } else {
                response.headers.push((name.to_owned(), value.to_owned()));
            }
        }
        self
    }

    /// Sets the body of an answer made by [`status`](Fault::status).
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        if let Effect::Replace(response) = &mut self.effect {
            response.body = Body::Whole(body.into());
        }
        self
    }

    /// The server does what the request asks; only then its answer is lost or replaced.
    pub fn after_acting(mut self) -> Self {
        self.acts = true;
        self
    }

    /// Holds for the next so many requests that it is meant for.
    pub fn times(mut self, count: u32) -> Self {
        self.remaining = Some(count);
        self
    }

    /// Holds for the next request that it is meant for.
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// Is meant only for requests of which this is true.
    pub fn when(mut self, predicate: impl Fn(&ReceivedRequest) -> bool + Send + Sync + 'static) -> Self {
        self.predicate = Arc::new(predicate);
        self
    }

    /// Happens only to answers whose body is such: one that holds a certain record, for example. The server acts in any
    /// case, and [`times`](Fault::times) counts the other answers, too.
    pub fn when_answered(mut self, predicate: impl Fn(&[u8]) -> bool + Send + Sync + 'static) -> Self {
        self.answer_predicate = Some(Arc::new(predicate));
        self.acts = true;
        self
    }

    /// Is meant only for calls of this REST method.
    pub fn on_method(self, method: &'static str) -> Self {
        self.when(move |request| request.rest_method().as_deref() == Some(method))
    }

    /// Is meant only for requests whose path ends so, for example with `/oauth2/token`.
    pub fn on_path(self, end: &'static str) -> Self {
        self.when(move |request| request.path.ends_with(end))
    }

    /// Whether it holds for this request; one fewer is left then.
    pub(crate) fn takes(&mut self, request: &ReceivedRequest) -> bool {
        let holds = self.remaining != Some(0) && (self.predicate)(request);
        if let Some(remaining) = self.remaining.as_mut().filter(|_| holds) {
            *remaining -= 1;
        }
        holds
    }

    /// Whether the server acts on the request.
    pub(crate) fn acts(&self) -> bool {
        self.acts
    }

    /// The answer after this fault; `answer` is there if the server acted.
    pub(crate) async fn apply(self, answer: Option<Response>) -> Response {
        let mut response = match answer {
            Some(answer) => answer,
            None => Response::html(200, ""),
        };
        if let (Some(predicate), Body::Whole(body)) = (&self.answer_predicate, &response.body)
            && !predicate(body)
        {
            return response;
        }
        match self.effect {
            Effect::Replace(replacement) => return *replacement,
            Effect::Cut(ending) => response.ending = ending,
            Effect::Delay(time) => tokio::time::sleep(time).await,
            Effect::Prefix(prefix) => {
                if let Body::Whole(body) = &mut response.body {
                    body.splice(0..0, prefix);
                }
            }
            Effect::Rewrite(Rewrite(rewrite)) => {
                if let Body::Whole(body) = &mut response.body {
                    *body = rewrite(std::mem::take(body));
                }
            }
            Effect::BrokenGzip => {
                if let Body::Whole(body) = &mut response.body {
                    *body = super::hostile::broken_gzip(body);
                    response = response.header("Content-Encoding", "gzip");
                }
            }
        }
        response
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Fault")
            .field("effect", &self.effect)
            .field("acts", &self.acts)
            .field("remaining", &self.remaining)
            .finish_non_exhaustive()
    }
}
