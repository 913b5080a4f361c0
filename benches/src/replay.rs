//! A server that says one thing: it answers every request with the same bytes, on one thread of its own, so that what is
//! measured beside it is the client alone.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Answers every POST on every connection with these bytes until the process ends.
///
/// # Errors
/// When no port can be had.
pub fn replay(answer: String) -> io::Result<SocketAddr> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    let answer: Arc<str> = answer.into();
    thread::spawn(move || {
        runtime.block_on(async {
            while let Ok((stream, _)) = listener.accept().await {
                // A connection that its client has closed is over.
                tokio::spawn(serve(stream, Arc::clone(&answer)));
            }
        });
    });
    Ok(address)
}

async fn serve(mut stream: TcpStream, answer: Arc<str>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut received = Vec::with_capacity(16 * 1024);
    while stream.read_buf(&mut received).await? > 0 {
        if is_whole(&received) {
            stream.write_all(answer.as_bytes()).await?;
            received.clear();
        }
    }
    Ok(())
}

/// Whether a request has come to its end, as its `Content-Length` tells.
fn is_whole(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length = length.and_then(|length| length.trim().parse().ok()).unwrap_or(0);
    request.len() >= end + 4 + length
}
