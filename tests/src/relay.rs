//! A way to a server that a test can suspend.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// Host and port of a URL.
pub fn authority(url: &str) -> &str {
    let (_, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    authority.rsplit_once('@').map_or(authority, |(_, server)| server)
}

/// Passes on what is sent to a server and comes from it. Suspended, it takes what is sent and passes nothing on: as a
/// server whose processes got SIGSTOP, for which the kernel still answers. Dropped, it closes its connections.
pub struct Relay {
    address: SocketAddr,
    is_suspended: Arc<AtomicBool>,
    clients: Arc<Mutex<Vec<TcpStream>>>,
}

impl Drop for Relay {
    fn drop(&mut self) {
        for client in self.clients.lock().expect("the clients").iter() {
            // It may be closed.
            let _ = client.shutdown(Shutdown::Both);
        }
    }
}

impl Relay {
    /// A way to a server, on a free port.
    ///
    /// # Panics
    /// No port is free.
    pub fn to(server: &str) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").expect("a free port"), server)
    }

    /// A way to a server.
    ///
    /// # Panics
    /// The listener has no address.
    pub fn on(listener: TcpListener, server: &str) -> Self {
        let address = listener.local_addr().expect("an address");
        let is_suspended = Arc::new(AtomicBool::new(false));
        let clients = Arc::<Mutex<Vec<TcpStream>>>::default();
        let (server, suspended) = (server.to_owned(), Arc::clone(&is_suspended));
        let accepted = Arc::clone(&clients);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.expect("a connection");
                accepted.lock().expect("the clients").push(copy(&client));
                let server = TcpStream::connect(&server).expect("the server listens");
                for (from, to) in [(copy(&client), copy(&server)), (server, client)] {
                    let suspended = Arc::clone(&suspended);
                    std::thread::spawn(move || pass_on(from, to, &suspended));
                }
            }
        });
        Self { address, is_suspended, clients }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Passes nothing on any more.
    pub fn suspend(&self) {
        self.is_suspended.store(true, Ordering::SeqCst);
    }
}

fn copy(stream: &TcpStream) -> TcpStream {
    stream.try_clone().expect("one more descriptor")
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, is_suspended: &AtomicBool) {
    let mut buffer = [0; 4_096];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(_) if is_suspended.load(Ordering::SeqCst) => {}
            Ok(length) if to.write_all(&buffer[..length]).is_ok() => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Ok(_) | Err(_) => break,
        }
    }
    // The other direction ends with this one; it may have ended before.
    let _ = to.shutdown(Shutdown::Both);
}
