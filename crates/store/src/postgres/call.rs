//! One call of the database, which its caller gives up when the database does not answer.
//!
//! Diesel and libpq wait on the thread of the call, and nothing can end that wait safely: the kernel of a server whose
//! processes are suspended still acknowledges what is sent to it. So the caller stops waiting instead. The thread keeps
//! its connection until the server says something or is gone, and the place of the connection in the pool is free at
//! once. A call that is given up before its commit never commits.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use diesel::PgConnection;
use diesel::connection::{Connection as _, InstrumentationEvent};
use parking_lot::Mutex;
use stagedoor_domain::ports::StoreError;

use super::pool::{Connection, Slot};

/// The limit of a statement is the server's: it says so itself if it lives. The caller waits a little longer.
const GRACE: Duration = Duration::from_secs(1);

/// How long the database may leave a call without an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Of one statement, on the server.
    pub(crate) statement: Duration,
    /// Of a commit, which a server with synchronous standbys holds until they have it: the server has no limit for it. And
    /// of anything while the server answers nothing at all, on no connection.
    pub(crate) answer: Duration,
}

/// When something happened last, for several threads.
#[derive(Clone, Debug)]
pub(crate) struct Latest {
    started: Instant,
    /// Milliseconds since `started`.
    last: Arc<AtomicU64>,
}

impl Latest {
    /// It happens now.
    pub(crate) fn now() -> Self {
        Self { started: Instant::now(), last: Arc::default() }
    }

    fn mark(&self) {
        let passed = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(passed, Ordering::Relaxed);
    }

    fn at(&self) -> Instant {
        self.started + Duration::from_millis(self.last.load(Ordering::Relaxed))
    }
}

/// When a connection began or ended a statement, and when the server last answered one, on any connection.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    own: Latest,
    heard: Latest,
}

impl Pace {
    /// The pace of a connection from now on.
    pub(crate) fn of(conn: &mut PgConnection, heard: &Latest) -> Self {
        let pace = Self { own: Latest::now(), heard: heard.clone() };
        let noted = pace.clone();
        conn.set_instrumentation(move |event: InstrumentationEvent<'_>| match event {
            InstrumentationEvent::StartQuery { .. } => noted.own.mark(),
            InstrumentationEvent::FinishQuery { .. } => {
                noted.own.mark();
                noted.heard.mark();
            }
            _ => {}
        });
        pace
    }
}

/// What a call is doing.
#[derive(Default)]
enum Phase {
    /// It waits for a connection, which the pool limits.
    #[default]
    Waiting,
    Working(Slot, Pace),
    Committing(Slot, Pace),
    Over,
    GivenUp,
}

/// A call that two threads know: the one that makes it, and the one that waits for it.
#[derive(Default)]
pub(crate) struct Call {
    phase: Mutex<Phase>,
}

/// What a caller has to do.
pub(crate) enum Wait {
    /// Wait on, for so long at most.
    On(Duration),
    /// Wait no more: the call failed with this.
    NoMore(StoreError),
}

impl Call {
    /// Begins to work on the connection of a slot. Nothing if it was given up.
    pub(crate) fn begin(&self, mut slot: Slot) -> Option<Box<Connection>> {
        let mut phase = self.phase.lock();
        if matches!(*phase, Phase::GivenUp) {
            return None;
        }
        let connection = slot.take()?;
        connection.pace.own.mark();
        *phase = Phase::Working(slot, connection.pace.clone());
        Some(connection)
    }

    /// Begins to commit.
    ///
    /// # Errors
    /// It was given up: what it did is to be rolled back.
    pub(crate) fn begin_commit(&self) -> Result<(), StoreError> {
        let mut phase = self.phase.lock();
        match std::mem::take(&mut *phase) {
            Phase::Working(slot, pace) => {
                *phase = Phase::Committing(slot, pace);
                Ok(())
            }
            other => {
                *phase = other;
                Err(StoreError::Unavailable("the database answered too late".to_owned()))
            }
        }
    }

    /// Whether the caller still waits for it.
    pub(crate) fn is_awaited(&self) -> bool {
        !matches!(*self.phase.lock(), Phase::GivenUp)
    }

    /// Leaves the place of a connection that is of no use.
    pub(crate) fn leave_slot(&self) {
        let mut phase = self.phase.lock();
        if !matches!(*phase, Phase::GivenUp) {
            *phase = Phase::Waiting;
        }
    }

    /// Ends, and puts the connection back unless it was given up.
    pub(crate) fn end(&self, connection: Box<Connection>) {
        let mut phase = self.phase.lock();
        match std::mem::take(&mut *phase) {
            Phase::Working(mut slot, _) | Phase::Committing(mut slot, _) => {
                slot.put(connection);
                *phase = Phase::Over;
            }
            other => *phase = other,
        }
    }

    /// Gives up if the database left the call without an answer for too long. The slot is free then.
    pub(crate) fn wait(&self, patience: Patience) -> Wait {
        let mut phase = self.phase.lock();
        let left = match &*phase {
            Phase::Waiting | Phase::Over | Phase::GivenUp => return Wait::On(GRACE),
            Phase::Working(_, pace) => patience.left_to_work(pace),
            Phase::Committing(_, pace) => patience.answer.saturating_sub(pace.own.at().elapsed()),
        };
        if !left.is_zero() {
            return Wait::On(left);
        }
        let is_committing = matches!(*phase, Phase::Committing(..));
        *phase = Phase::GivenUp;
        Wait::NoMore(if is_committing {
            StoreError::OutcomeUnknown("PostgreSQL did not answer a commit in time".to_owned())
        } else {
            StoreError::Unavailable("PostgreSQL did not answer in time".to_owned())
        })
    }
}

impl Patience {
    /// How long a statement may still take: for as long as it may, but less on a server that is silent.
    fn left_to_work(self, pace: &Pace) -> Duration {
        let own = pace.own.at();
        let silent = self.answer.saturating_sub(own.max(pace.heard.at()).elapsed());
        silent.min((self.statement + GRACE).saturating_sub(own.elapsed()))
    }
}
