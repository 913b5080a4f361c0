//! One connection: request after request, until either side has enough.

use super::read::{Incoming, NoRequest, Reader};
use super::{Body, Cut, Ending, Response};
use crate::sandbox::server::Server;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// How long a kept connection may wait for its next request; the header `Keep-Alive` tells it.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

/// How long a connection may stay without a first one, as at Apache's default.
const FIRST_REQUEST: Duration = Duration::from_secs(20);

/// Serves a connection to its end.
pub(crate) async fn serve(mut stream: TcpStream, peer: SocketAddr, server: Arc<Server>) {
    // Answers are written in one piece; waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    let mut reader = Reader::new();
    let mut is_first = true;
    loop {
        let patience = if is_first { FIRST_REQUEST } else { KEEP_ALIVE };
        if reader.is_empty() && timeout(patience, stream.readable()).await.is_err() {
            return;
        }
        is_first = false;
        let incoming = match reader.next(&mut stream, peer).await {
            Ok(incoming) => incoming,
            Err(NoRequest::Gone) => return,
            Err(NoRequest::Refused(response)) => {
                let (mut bytes, _) = response.head(&server.clock.http_date(), false, false);
                if let Body::Whole(body) = &response.body {
                    bytes.extend(body);
                }
                if stream.write_all(&bytes).await.is_ok() {
                    close_gently(stream).await;
                }
                return;
            }
        };
        let Incoming {
            request,
            keep_alive,
            is_http_1_0,
        } = incoming;
        let is_head = request.method == "HEAD";
        let response = server.answer(request).await;
        let keep_alive = keep_alive
            && !response.is_http_1_0
            && matches!(response.ending, Ending::Whole | Ending::Reset(Cut::BehindBody));
        let may_chunk = !is_http_1_0 && !response.is_http_1_0;
        let keep_alive = keep_alive && (may_chunk || matches!(response.body, Body::Whole(_)));
        let mut writer = Writer {
            stream: &mut stream,
            written: 0,
            limit: 0,
            ending: response.ending,
        };
        let sent = writer
            .send(&response, &server.clock.http_date(), keep_alive, may_chunk, is_head)
            .await;
        if sent.is_ok() && response.ending == Ending::Reset(Cut::BehindBody) {
            // What was written must have left before the reset throws it away.
            sleep(Duration::from_millis(20)).await;
            let _ = stream.set_zero_linger();
            return;
        }
        match sent {
            Ok(()) if keep_alive && response.raw.is_none() => {}
            Ok(()) => return close_gently(stream).await,
            Err(Stop::Close) => return close_gently(stream).await,
            Err(Stop::Reset) => {
                let _ = stream.set_zero_linger();
                return;
            }
            Err(Stop::Broken) => return,
        }
    }
}

/// Ends the connection so that the client can still read the answer: bytes that it sent and nobody
/// read would turn the close into a reset.
async fn close_gently(mut stream: TcpStream) {
    let _ = stream.shutdown().await;
    let drain = async {
        let mut sink = [0; 4096];
        while stream.read(&mut sink).await.is_ok_and(|count| count > 0) {}
    };
    let _ = timeout(Duration::from_secs(1), drain).await;
}

/// Why an answer ended early.
enum Stop {
    Close,
    Reset,
    Broken,
}

impl From<io::Error> for Stop {
    fn from(_: io::Error) -> Self {
        Self::Broken
    }
}

/// Writes an answer up to where its ending cuts it.
struct Writer<'a> {
    stream: &'a mut TcpStream,
    written: usize,
    /// Bytes after which the ending cuts the answer.
    limit: usize,
    ending: Ending,
}

impl Writer<'_> {
    async fn send(
        &mut self,
        response: &Response,
        date: &str,
        keep_alive: bool,
        may_chunk: bool,
        is_head: bool,
    ) -> Result<(), Stop> {
        if let Some(raw) = &response.raw {
            self.limit = usize::MAX;
            return self.write(raw).await;
        }
        let (mut bytes, chunked) = response.head(date, keep_alive, may_chunk);
        self.limit = match self.ending {
            Ending::Whole | Ending::Trickle(_) => usize::MAX,
            Ending::Close(cut) | Ending::Reset(cut) | Ending::Stall(cut, _) => match cut {
                Cut::BeforeHead => 0,
                Cut::InBody(count) => bytes.len().saturating_add(count),
                Cut::BehindBody => usize::MAX,
            },
        };
        match &response.body {
            _ if is_head => self.write(&bytes).await,
            Body::Whole(body) if chunked => {
                append_chunk(&mut bytes, body);
                bytes.extend(b"0\r\n\r\n");
                self.write(&bytes).await
            }
            Body::Whole(body) => {
                bytes.extend(body);
                self.write(&bytes).await
            }
            Body::Repeated {
                start,
                block,
                times,
                end,
            } => {
                let framed = |piece: &[u8]| {
                    let mut bytes = Vec::with_capacity(piece.len() + 16);
                    if chunked {
                        append_chunk(&mut bytes, piece);
                    } else {
                        bytes.extend(piece);
                    }
                    bytes
                };
                bytes.extend(framed(start));
                self.write(&bytes).await?;
                let block = framed(block);
                for _ in 0..*times {
                    self.write(&block).await?;
                }
                let mut last = framed(end);
                if chunked {
                    last.extend(b"0\r\n\r\n");
                }
                self.write(&last).await
            }
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        if let Ending::Trickle(pause) = self.ending {
            for byte in bytes {
                self.stream.write_all(&[*byte]).await?;
                sleep(pause).await;
            }
            return Ok(());
        }
        let allowed = bytes.len().min(self.limit - self.written);
        self.stream.write_all(&bytes[..allowed]).await?;
        self.written += allowed;
        if self.written < self.limit {
            return Ok(());
        }
        match self.ending {
            Ending::Reset(_) => {
                // What was written so far must have left before the reset throws it away.
                sleep(Duration::from_millis(20)).await;
                Err(Stop::Reset)
            }
            Ending::Stall(_, time) => {
                sleep(time).await;
                Err(Stop::Close)
            }
            _ => Err(Stop::Close),
        }
    }
}

fn append_chunk(bytes: &mut Vec<u8>, piece: &[u8]) {
    if piece.is_empty() {
        return;
    }
    bytes.extend(format!("{:x}\r\n", piece.len()).bytes());
    bytes.extend(piece);
    bytes.extend(b"\r\n");
}
