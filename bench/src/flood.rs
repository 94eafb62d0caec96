//! More than can be done, at a fixed rate: what is served, what is refused, and how quickly each.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::mem::take;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};
use hdrhistogram::Histogram;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::open_loop::{histogram, status_of};

/// Load, service and database share the processors: one client thread for each.
const THREADS: usize = 2;
/// How often requests that have become due are sent.
const TICK: Duration = Duration::from_millis(1);
/// After how many answers the next requests are sent.
const ANSWERS: usize = 64;
/// An answer that comes later than this is not as usual.
const SLOW: Duration = Duration::from_millis(250);
const READ_BYTES: usize = 4 * 1024;

const HELLO: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n";

/// The text of what a person asks for first, by their number.
pub type Text = Arc<dyn Fn(u64) -> Vec<u8> + Send + Sync>;

/// What a person asks for next, if anything, when they have been served: by the answer.
pub type Then = fn(&mut Person, &str) -> Result<Option<Vec<u8>>>;

/// Of a person who asks for one thing.
pub const NOTHING: Then = |_, _| Ok(None);

/// Clients that send requests.
pub struct Clients<'a> {
    pub address: &'a str,
    pub text: Text,
    pub then: Then,
    /// The number of its first person.
    pub first: u64,
    /// The status of a request that is served.
    pub expected: u16,
    pub connections: usize,
}

/// What came of it.
pub struct Flood {
    /// How many people came.
    pub came: u64,
    /// The number after that of the last one.
    pub next: u64,
    /// Those who got all they asked for.
    pub served: Histogram<u64>,
    pub refused: Histogram<u64>,
    /// Those of the refused who had been served before.
    pub broken_off: u64,
    /// Answers that are neither, by their status.
    pub failed: BTreeMap<u16, u64>,
    pub seconds: f64,
    /// When the last one was due that was refused or slow, from the start.
    pub trouble_until: Duration,
}

impl Clients<'_> {
    /// Comes at a rate for a time, whether or not those before have been answered; a latency counts from
    /// when its request was due. Without a rate the next one comes to each connection when the last is done.
    /// Of the connections that are idle the one used last is taken, as proxies do.
    pub fn run(&self, per_second: Option<f64>, time: Duration) -> Result<Flood> {
        let drivers =
            (0..THREADS).map(|index| Driver::open(self, index)).collect::<Result<Vec<_>>>()?;
        let begun = Instant::now();
        thread::scope(|scope| {
            let asking: Vec<_> = drivers
                .into_iter()
                .map(|driver| scope.spawn(move || driver.ask(begun, per_second, time)))
                .collect();
            let mut all = Flood::new(self.first, time)?;
            for driver in asking {
                all.add(&driver.join().map_err(|_| anyhow!("a client thread panicked"))??)?;
            }
            Ok(all)
        })
    }
}

/// The part of the clients that one thread drives: every `THREADS`th request, on its own connections.
struct Driver<'a> {
    clients: &'a Clients<'a>,
    index: usize,
    poll: Poll,
    connections: Vec<Connection>,
    idle: Vec<usize>,
    flood: Flood,
}

struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
    person: Person,
}

/// Who uses a connection now.
#[derive(Default)]
pub struct Person {
    pub number: u64,
    /// How many of their requests were served before the last one.
    pub served: u32,
    /// The token they were given.
    pub token: String,
    came: Duration,
    /// When their last request was due.
    due: Duration,
}

impl<'a> Driver<'a> {
    fn open(clients: &'a Clients, index: usize) -> Result<Self> {
        let poll = Poll::new()?;
        let open = |token| {
            let mut stream = greeted(clients.address)?;
            poll.registry().register(&mut stream, Token(token), Interest::READABLE)?;
            Ok(Connection { stream, answer: Vec::new(), person: Person::default() })
        };
        let connections =
            (0..clients.connections / THREADS).map(open).collect::<Result<Vec<Connection>>>()?;
        let idle = (0..connections.len()).collect();
        let flood = Flood::new(clients.first, Duration::ZERO)?;
        Ok(Self { clients, index, poll, connections, idle, flood })
    }

    fn ask(mut self, begun: Instant, per_second: Option<f64>, time: Duration) -> Result<Flood> {
        let mut events = Events::with_capacity(ANSWERS);
        loop {
            let elapsed = begun.elapsed();
            if elapsed < time {
                self.send_due(elapsed, per_second)?;
            } else if self.idle.len() == self.connections.len() {
                return Ok(self.flood);
            }
            self.poll.poll(&mut events, Some(TICK))?;
            for event in &events {
                self.receive(event.token().0, begun)?;
            }
        }
    }

    fn send_due(&mut self, elapsed: Duration, per_second: Option<f64>) -> Result<()> {
        loop {
            let number = self.flood.came * THREADS as u64 + self.index as u64;
            let due = per_second.map(|rate| Duration::from_secs_f64(number as f64 / rate));
            if due.is_some_and(|due| due > elapsed) {
                return Ok(());
            }
            let Some(index) = self.idle.pop() else { return Ok(()) };
            let (number, came) = (self.clients.first + number, due.unwrap_or(elapsed));
            let person = Person { number, came, due: came, ..Person::default() };
            self.connections[index].ask(person, &(self.clients.text)(number))?;
            self.flood.came += 1;
            self.flood.next = number + 1;
        }
    }

    /// Reads what there is of an answer.
    fn receive(&mut self, index: usize, begun: Instant) -> Result<()> {
        let connection = &mut self.connections[index];
        connection.read()?;
        let Some(status) = status_of(&connection.answer)? else { return Ok(()) };
        let (now, mut person) = (begun.elapsed(), take(&mut connection.person));
        let is_served = status == self.clients.expected;
        let next = is_served
            .then(|| (self.clients.then)(&mut person, str::from_utf8(&connection.answer)?));
        connection.answer.clear();
        if let Some(text) = next.transpose()?.flatten() {
            let person = Person { due: now, served: person.served + 1, ..person };
            return connection.ask(person, &text);
        }
        self.flood.count(status, is_served, &person, now);
        self.idle.push(index);
        Ok(())
    }
}

/// A new connection that says nothing for seconds is given up; one that has been used is kept.
fn greeted(address: &str) -> Result<TcpStream> {
    let mut stream = std::net::TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.write_all(HELLO)?;
    let (mut answer, mut bytes) = (Vec::new(), [0; READ_BYTES]);
    while status_of(&answer)?.is_none() {
        let read = stream.read(&mut bytes)?;
        ensure!(read > 0, "the connection was closed");
        answer.extend_from_slice(&bytes[..read]);
    }
    stream.set_nonblocking(true)?;
    Ok(TcpStream::from_std(stream))
}

impl Connection {
    fn ask(&mut self, person: Person, text: &[u8]) -> Result<()> {
        self.person = person;
        let written = self.stream.write(text)?;
        ensure!(written == text.len(), "a request does not fit into an idle connection");
        Ok(())
    }

    fn read(&mut self) -> Result<()> {
        let mut bytes = [0; READ_BYTES];
        loop {
            let read = match self.stream.read(&mut bytes) {
                Ok(0) => bail!("the connection was closed"),
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error).context("an answer"),
            };
            self.answer.extend_from_slice(&bytes[..read]);
            // What comes later is another event.
            if read < READ_BYTES {
                return Ok(());
            }
        }
    }
}

impl Flood {
    fn new(first: u64, time: Duration) -> Result<Self> {
        Ok(Self {
            came: 0,
            next: first,
            served: histogram()?,
            refused: histogram()?,
            broken_off: 0,
            failed: BTreeMap::new(),
            seconds: time.as_secs_f64(),
            trouble_until: Duration::ZERO,
        })
    }

    fn count(&mut self, status: u16, is_served: bool, person: &Person, now: Duration) {
        let since = if is_served { person.came } else { person.due };
        let latency = now.saturating_sub(since);
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        match status {
            _ if is_served => self.served.saturating_record(micros),
            429 | 503 => {
                self.refused.saturating_record(micros);
                self.broken_off += u64::from(person.served > 0);
            }
            _ => *self.failed.entry(status).or_default() += 1,
        }
        if !is_served || latency > SLOW {
            self.trouble_until = self.trouble_until.max(person.due);
        }
    }

    fn add(&mut self, other: &Self) -> Result<()> {
        self.came += other.came;
        self.next = self.next.max(other.next);
        self.served.add(&other.served)?;
        self.refused.add(&other.refused)?;
        self.broken_off += other.broken_off;
        for (status, count) in &other.failed {
            *self.failed.entry(*status).or_default() += count;
        }
        self.trouble_until = self.trouble_until.max(other.trouble_until);
        Ok(())
    }

    pub fn goodput(&self) -> f64 {
        self.served.len() as f64 / self.seconds
    }
}
