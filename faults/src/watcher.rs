//! Looks at the waiting lines while things go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Result;

use crate::checker::{Break, Clock, line};
use crate::dump::Dump;
use crate::store::{Connection, Place};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(200);

/// A thread that looks at one snapshot of the lines after another. Who was let in before whom is not
/// to be seen any more once the tokens are over.
pub struct Watcher {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Watched>,
}

/// What a watcher saw.
#[derive(Debug, Default)]
pub struct Watched {
    /// How many snapshots it looked at.
    pub snapshots: usize,
    /// What was wrong, each once.
    pub breaks: Vec<Break>,
}

impl Watcher {
    /// Begins to watch.
    pub fn start(place: Place, clock: Clock) -> Self {
        Self::start_in(place, clock, None)
    }

    /// Begins to watch one room alone, if one is named.
    pub fn start_in(place: Place, clock: Clock, room: Option<String>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut watched = Watched::default();
            let mut connection = None;
            while !stopped.load(Ordering::SeqCst) {
                // A store that is away is looked at again when it is back.
                match look(&place, connection.take()) {
                    Ok((found, mut snapshot)) => {
                        snapshot.rooms.retain(|it| room.as_ref().is_none_or(|room| *room == it.id));
                        connection = Some(found);
                        watched.note(line::check(&snapshot, clock));
                    }
                    Err(_) => connection = None,
                }
                std::thread::sleep(PAUSE);
            }
            watched
        });
        Self { stop, thread }
    }

    /// Ends it; answers what it saw.
    pub fn stop(self) -> Watched {
        self.stop.store(true, Ordering::SeqCst);
        self.thread.join().unwrap_or_default()
    }
}

impl Watched {
    fn note(&mut self, found: Vec<Break>) {
        self.snapshots += 1;
        for found in found {
            if !self.breaks.contains(&found) {
                self.breaks.push(found);
            }
        }
    }
}

fn look(place: &Place, known: Option<Connection>) -> Result<(Connection, Dump)> {
    let mut connection = known.map_or_else(|| place.connect(), Ok)?;
    connection.begin_snapshot()?;
    let snapshot = Dump::read_line(&mut connection)?;
    connection.roll_back()?;
    Ok((connection, snapshot))
}
