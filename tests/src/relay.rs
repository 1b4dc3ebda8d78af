//! A way to a server on this machine that can be cut, at once or in the midst of a message.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

/// Passes octets on in both directions.
#[derive(Debug)]
pub struct Relay {
    port: u16,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    target: u16,
    /// No connection is let through, and those that are there are ended.
    cut: AtomicBool,
    /// Octets that still pass, of both directions; then every connection is ended once.
    left: AtomicI64,
    /// How often that has happened.
    cuts: AtomicU64,
    ended: AtomicBool,
}

impl Relay {
    /// A relay to a port.
    #[must_use]
    pub fn to(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let state = Arc::new(State {
            target,
            cut: AtomicBool::new(false),
            left: AtomicI64::new(i64::MAX),
            cuts: AtomicU64::new(0),
            ended: AtomicBool::new(false),
        });
        let own = Arc::clone(&state);
        std::thread::spawn(move || own.accept(&listener));
        Self { port, state }
    }

    /// Where it listens.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Ends every connection, and lets none through.
    pub fn cut(&self) {
        self.state.cut.store(true, Ordering::SeqCst);
    }

    /// Lets connections through again.
    pub fn mend(&self) {
        self.state.cut.store(false, Ordering::SeqCst);
    }

    /// Ends the connection on which so many octets have passed from now on, whatever they are part
    /// of.
    pub fn cut_after(&self, octets: u32) {
        self.state.left.store(octets.into(), Ordering::SeqCst);
    }

    /// How often [`Relay::cut_after`] has ended a connection.
    #[must_use]
    pub fn cuts(&self) -> u64 {
        self.state.cuts.load(Ordering::SeqCst)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.state.ended.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl State {
    fn accept(self: Arc<Self>, listener: &TcpListener) {
        for client in listener.incoming() {
            if self.ended.load(Ordering::SeqCst) {
                return;
            }
            let Ok(client) = client else { continue };
            if self.cut.load(Ordering::SeqCst) {
                continue;
            }
            let Ok(server) = TcpStream::connect(("127.0.0.1", self.target)) else { continue };
            let _ = (client.set_nodelay(true), server.set_nodelay(true));
            self.pass(&client, &server);
            self.pass(&server, &client);
        }
    }

    fn pass(self: &Arc<Self>, from: &TcpStream, to: &TcpStream) {
        let (mut from, mut to) =
            (from.try_clone().expect("socket"), to.try_clone().expect("socket"));
        let state = Arc::clone(self);
        let _ = from.set_read_timeout(Some(Duration::from_millis(20)));
        std::thread::spawn(move || {
            let mut octets = [0; 16 * 1024];
            while !state.cut.load(Ordering::SeqCst) && !state.ended.load(Ordering::SeqCst) {
                let count = match from.read(&mut octets) {
                    Ok(0) => break,
                    Ok(count) => count,
                    Err(error) if is_early(&error) => continue,
                    Err(_) => break,
                };
                let passing = state.admit(count);
                if to.write_all(&octets[..passing]).is_err() || passing < count {
                    break;
                }
            }
            let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
        });
    }

    /// How many of so many octets pass.
    fn admit(&self, count: usize) -> usize {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let left = self.left.fetch_sub(count, Ordering::SeqCst);
        if left >= count {
            return usize::try_from(count).unwrap_or(0);
        }
        self.left.store(i64::MAX, Ordering::SeqCst);
        self.cuts.fetch_add(1, Ordering::SeqCst);
        usize::try_from(left.max(0)).unwrap_or(0)
    }
}

fn is_early(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
}
