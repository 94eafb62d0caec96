//! Pooled connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::r2d2::{
    ConnectionManager, Error, HandleError, ManageConnection, Pool, PooledConnection, State,
};
use diesel::select;
use diesel::sql_types::{Nullable, Text};
use parking_lot::Mutex;
use stagedoor_domain::ports::StoreError;

use super::call::{Call, Latest, Pace};
use super::failure_to_connect;
use super::store::PostgresSettings;

/// A connection that was used so recently is not checked before its next use: the check would be one more
/// round trip for every read and every batch.
const UNCHECKED_FOR: Duration = Duration::from_millis(500);

/// Cached query plans are replaced after this time: their costs depend on table sizes at planning time. A plan from
/// before an on-sale may read the whole line for each user who joins it, until the server analyzes the table, which
/// may take a minute.
pub const PLANS_REPLACED_AFTER: Duration = Duration::from_secs(1);

/// A server that stops without closing its connections, for example after a power failure, is given up after about
/// half a minute. The system's defaults are two hours for an answer and 15 minutes for an acknowledgement; a batch,
/// and all requests queued after it, would wait as long. A server that accepts a connection and then says nothing is given
/// up after two seconds; with several hosts in the URL the next one is tried. Parameters in the URL take precedence.
const LIVENESS: [(&str, &str); 5] = [
    ("connect_timeout", "2"),
    ("keepalives_idle", "10"),
    ("keepalives_interval", "5"),
    ("keepalives_count", "4"),
    ("tcp_user_timeout", "30000"),
];

/// The URL with the parameters that say when a silent server is given up.
fn with_liveness(mut url: String) -> String {
    for (name, value) in LIVENESS {
        if !url.contains(&format!("{name}=")) {
            let separator = if url.contains('?') { '&' } else { '?' };
            url = format!("{url}{separator}{name}={value}");
        }
    }
    url
}

/// How long the pool waits before it looks whether the server can be reached at all.
const LOOK_INTERVAL: Duration = Duration::from_millis(250);
/// How long the pool rests between attempts to connect is at most half of this.
const RETRIES: Duration = Duration::from_secs(1);

/// Opens connections.
pub(crate) struct Connections {
    manager: ConnectionManager<PgConnection>,
    reach: Arc<Reach>,
}

/// What is known of the server, from all connections to it.
#[derive(Debug)]
pub(crate) struct Reach {
    /// When it last answered.
    heard: Latest,
    /// Why the last attempt to connect failed; nothing if it did not.
    failure: Mutex<Option<String>>,
    /// The newest timeline of a primary. A standby that becomes the primary begins a new one.
    timeline: AtomicU32,
    /// Whether it was silent, and no pulse has been written since.
    is_suspect: AtomicBool,
    /// When it was last noted to be silent.
    silent_at: Mutex<Option<Instant>>,
}

impl Reach {
    pub(crate) fn new() -> Self {
        Self {
            heard: Latest::now(),
            failure: Mutex::default(),
            timeline: AtomicU32::default(),
            is_suspect: AtomicBool::default(),
            silent_at: Mutex::default(),
        }
    }

    /// Why the server cannot be reached, if that is so.
    fn failure(&self) -> Option<String> {
        self.failure.lock().clone()
    }

    fn note_connection(&self) {
        if self.failure.lock().take().is_some() {
            tracing::info!("PostgreSQL is reached again");
        }
    }

    /// The pool's errors may quote the URL: others get the reason alone.
    fn note_failure(&self, error: &Error) {
        let reason = failure_to_connect::reason(&error.to_string());
        let before = self.failure.lock().replace(reason.clone());
        if before.as_ref() != Some(&reason) {
            tracing::warn!("no connection to PostgreSQL: {reason}");
        }
    }

    /// Notes the timeline of a primary. Answers whether none is known that has taken its place.
    fn note_timeline(&self, timeline: u32) -> bool {
        self.timeline.fetch_max(timeline, Ordering::AcqRel) <= timeline
    }

    /// Notes that the server left a call without an answer. It may have been suspended, another one may be the primary by the
    /// time it goes on, and it would not know.
    fn note_silence(&self) {
        *self.silent_at.lock() = Some(Instant::now());
        if !self.is_suspect.swap(true, Ordering::AcqRel) {
            tracing::warn!("PostgreSQL was silent: nothing is read before a pulse is written");
        }
    }

    /// Whether a connection is older than the last silence: it may be one to the server that was suspended.
    fn is_doubtful(&self, connection: &Connection) -> bool {
        self.silent_at.lock().is_some_and(|silent_at| connection.opened_at <= silent_at)
    }

    /// Notes that a change was committed, which only the primary can.
    pub(crate) fn note_commit(&self) {
        self.is_suspect.store(false, Ordering::Release);
    }

    /// Lets a read through.
    ///
    /// # Errors
    /// What it reads may be old.
    pub(crate) fn check_reads(&self) -> Result<(), StoreError> {
        if self.is_suspect.load(Ordering::Acquire) {
            let reason = "PostgreSQL was silent, and nothing was committed since";
            return Err(StoreError::Unavailable(reason.to_owned()));
        }
        Ok(())
    }

    /// Whether the server refuses the user or the database.
    pub(crate) fn is_refused(&self) -> bool {
        self.failure().as_deref().is_some_and(failure_to_connect::is_settled)
    }
}

/// A connection of the pool.
pub(crate) struct Connection {
    pub(crate) conn: PgConnection,
    pub(crate) pace: Pace,
    opened_at: Instant,
    /// Nothing until it is set up, and after a failure: it is checked before its next use.
    used_at: Option<Instant>,
    planned_at: Option<Instant>,
}

/// A place in the pool: empty while a call has its connection. One that is given back empty is free for another
/// connection.
pub(crate) struct Place(Option<Box<Connection>>);

/// A place that was taken from the pool.
pub(crate) struct Slot(PooledConnection<Connections>);

impl Slot {
    /// Takes the connection out.
    pub(crate) fn take(&mut self) -> Option<Box<Connection>> {
        self.0.0.take()
    }

    /// Puts the connection back.
    pub(crate) fn put(&mut self, connection: Box<Connection>) {
        self.0.0 = Some(connection);
    }
}

impl Connection {
    /// Records a use of the connection.
    pub(crate) fn record_use<T, E>(&mut self, done: &Result<T, E>) {
        self.used_at = done.is_ok().then(Instant::now);
    }

    /// Sets it up before its first use, replaces plans that are old, and after a rest checks the server.
    fn prepare(&mut self, settings: &PostgresSettings, reach: &Reach) -> QueryResult<()> {
        if reach.is_doubtful(self) {
            return refuse("the connection is older than a silence of the server");
        }
        match self.planned_at {
            None => set_up(&mut self.conn, settings.statement_timeout)?,
            Some(at) if at.elapsed() < settings.plans_replaced_after => return self.check(reach),
            Some(_) => self.conn.batch_execute("DISCARD PLANS")?,
        }
        self.planned_at = Some(Instant::now());
        self.check(reach)
    }

    /// Checks that the server is there and is the primary, unless it was used a moment ago.
    fn check(&mut self, reach: &Reach) -> QueryResult<()> {
        match self.used_at {
            Some(at) if at.elapsed() < UNCHECKED_FOR => Ok(()),
            _ => refuse_all_but_the_primary(&mut self.conn, reach),
        }
    }
}

fn refuse(reason: &str) -> QueryResult<()> {
    Err(diesel::result::Error::QueryBuilderError(reason.into()))
}

/// The timeline of a primary, in the first eight digits; nothing for a standby.
const TIMELINE: &str =
    "CASE WHEN NOT pg_is_in_recovery() THEN left(pg_walfile_name(pg_current_wal_lsn()), 8) END";

/// A server that was a primary and became a standby is no use: it writes nothing, and what it reads may be old. So is one
/// that was suspended while another became the primary, and that goes on without knowing it.
fn refuse_all_but_the_primary(conn: &mut PgConnection, reach: &Reach) -> QueryResult<()> {
    let Some(digits) =
        select(sql::<Nullable<Text>>(TIMELINE)).get_result::<Option<String>>(conn)?
    else {
        return refuse("the server is a standby");
    };
    match u32::from_str_radix(&digits, 16) {
        Ok(timeline) if reach.note_timeline(timeline) => Ok(()),
        Ok(_) => refuse("another server has become the primary"),
        Err(_) => refuse("the server tells no timeline"),
    }
}

impl ManageConnection for Connections {
    type Connection = Place;
    type Error = Error;

    /// Opens a connection, and sends nothing on it: the thread of the pool has no limit for an answer.
    fn connect(&self) -> Result<Place, Error> {
        let mut conn = self.manager.connect()?;
        self.reach.note_connection();
        let (pace, opened_at) = (Pace::of(&mut conn, &self.reach.heard), Instant::now());
        let connection = Connection { conn, pace, opened_at, used_at: None, planned_at: None };
        Ok(Place(Some(Box::new(connection))))
    }

    fn is_valid(&self, _: &mut Place) -> Result<(), Error> {
        Ok(())
    }

    fn has_broken(&self, place: &mut Place) -> bool {
        place.0.as_mut().is_none_or(|connection| self.manager.has_broken(&mut connection.conn))
    }
}

#[derive(Debug)]
struct Noted(Arc<Reach>);

impl HandleError<Error> for Noted {
    fn handle_error(&self, error: Error) {
        self.0.note_failure(&error);
    }
}

/// Connections for one kind of work, which no other work can use up.
pub(crate) struct Lane {
    pool: Pool<Connections>,
    reach: Arc<Reach>,
    settings: PostgresSettings,
    /// The calls that were given up and that the server has not ended.
    given_up: AtomicU32,
}

/// For each connection of a lane, how many calls may be given up and not ended by the server.
const GIVEN_UP_MAX: u32 = 2;

impl Lane {
    /// At most `most` connections. Opens the first one in the background.
    pub(crate) fn new(settings: &PostgresSettings, most: u32, reach: &Arc<Reach>) -> Self {
        let manager = ConnectionManager::new(with_liveness(settings.url.clone()));
        let pool = Pool::builder()
            .max_size(most)
            .min_idle(Some(1))
            .connection_timeout(RETRIES)
            .test_on_check_out(false)
            .error_handler(Box::new(Noted(Arc::clone(reach))))
            .build_unchecked(Connections { manager, reach: Arc::clone(reach) });
        Self {
            pool,
            reach: Arc::clone(reach),
            settings: settings.clone(),
            given_up: AtomicU32::new(0),
        }
    }

    pub(crate) fn state(&self) -> State {
        self.pool.state()
    }

    /// Has `work` done by a call, on a connection that the server answers. Also says whether the caller still waits for
    /// it.
    pub(crate) fn run<T>(
        &self,
        call: &Call,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> (Result<T, StoreError>, bool) {
        let mut connection = match self.answering(call) {
            Ok(connection) => connection,
            Err(error) => return (Err(error), self.is_awaited(call)),
        };
        let done = work(&mut connection);
        connection.record_use(&done);
        call.end(connection);
        (done, self.is_awaited(call))
    }

    /// Whether the caller of a call that has ended still waits for it.
    fn is_awaited(&self, call: &Call) -> bool {
        let is_awaited = call.is_awaited();
        if !is_awaited {
            self.given_up.fetch_sub(1, Ordering::AcqRel);
        }
        is_awaited
    }

    /// Notes that a call was given up, with this error.
    pub(crate) fn give_up(&self, error: &StoreError) {
        self.given_up.fetch_add(1, Ordering::AcqRel);
        // A commit without an answer waits for standbys.
        if !matches!(error, StoreError::OutcomeUnknown(_)) {
            self.reach.note_silence();
        }
    }

    /// What is known of the server.
    pub(crate) fn reach(&self) -> &Reach {
        &self.reach
    }

    /// Whether the server holds back as many calls as it may.
    fn is_stuck(&self) -> bool {
        let given_up = self.given_up.load(Ordering::Acquire).cast_signed();
        given_up >= (GIVEN_UP_MAX * self.pool.max_size()).cast_signed()
    }

    /// Broken connections are dropped on the way; there are at most as many as the pool has, and one more is new.
    fn answering(&self, call: &Call) -> Result<Box<Connection>, StoreError> {
        let mut failure = String::new();
        for _ in 0..=self.pool.max_size() {
            let Some(mut connection) = call.begin(self.slot()?) else {
                return Err(StoreError::Unavailable("the call was given up".to_owned()));
            };
            match connection.prepare(&self.settings, &self.reach) {
                Ok(()) => return Ok(connection),
                Err(error) => failure = error.to_string(),
            }
            call.leave_slot();
        }
        Err(StoreError::Unavailable(format!("PostgreSQL: {failure}")))
    }

    /// A place with a connection. While the server cannot be reached, the caller gets the error almost at once, and the pool
    /// goes on trying.
    fn slot(&self) -> Result<Slot, StoreError> {
        if self.is_stuck() {
            return Err(StoreError::Unavailable("PostgreSQL answers nothing".to_owned()));
        }
        let end = Instant::now() + self.settings.connect_timeout;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if let Ok(slot) = self.pool.get_timeout(left.min(LOOK_INTERVAL)) {
                return Ok(Slot(slot));
            }
            let failure = self.reach.failure();
            if failure.is_some() || left.is_zero() {
                return Err(self.unreachable(failure));
            }
        }
    }

    fn unreachable(&self, failure: Option<String>) -> StoreError {
        let server = failure_to_connect::server(&self.settings.url);
        let seconds = self.settings.connect_timeout.as_secs();
        StoreError::Unavailable(match failure {
            Some(reason) => format!("no connection to PostgreSQL at {server}: {reason}"),
            None => format!("no connection to PostgreSQL at {server} was free within {seconds} s"),
        })
    }
}

/// Sets the time limits of a connection, and how its plans are made.
///
/// Every hot statement has an index. A plan made while a table is empty would scan or hash the whole table, and the
/// connection would keep it while the table grows: checks of foreign keys were a thousand times slower. So scans, hash
/// joins and merge joins are off. With them off, the estimated costs would make the server compile plans (JIT), which
/// takes longer than to run them. A plan for the first values seen may sort a whole line, so plans are generic. A
/// plan made before the server has statistics of a grown line may sort it too, so sorting is off: an index has that order.
fn set_up(conn: &mut PgConnection, statement_timeout: Duration) -> diesel::QueryResult<()> {
    let milliseconds = statement_timeout.as_millis();
    conn.batch_execute(&format!(
        "SET statement_timeout = {milliseconds}; SET lock_timeout = {milliseconds}; \
         SET idle_in_transaction_session_timeout = {milliseconds}; SET timezone = 'UTC'; \
         SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; \
         SET enable_sort = off; SET enable_incremental_sort = off; SET jit = off; \
         SET plan_cache_mode = force_generic_plan"
    ))
}

#[cfg(test)]
mod tests {
    use super::{Reach, with_liveness};

    #[test]
    fn a_primary_is_refused_once_another_one_has_taken_its_place() {
        let reach = Reach::new();

        let refused = [1, 1, 3, 2, 3, 4, 1].map(|timeline| !reach.note_timeline(timeline));

        assert_eq!(refused, [false, false, false, true, false, false, true]);
    }

    #[test]
    fn an_address_says_when_a_silent_server_is_given_up_unless_it_said_so_itself() {
        let all = "connect_timeout=2&keepalives_idle=10&keepalives_interval=5&keepalives_count=4&tcp_user_timeout=30000";

        assert_eq!(with_liveness("postgres://h/d".to_owned()), format!("postgres://h/d?{all}"));
        assert_eq!(
            with_liveness("postgres://h/d?a=1".to_owned()),
            format!("postgres://h/d?a=1&{all}")
        );
        let own = "postgres://h/d?keepalives_idle=1&tcp_user_timeout=2";
        let rest = "connect_timeout=2&keepalives_interval=5&keepalives_count=4";
        assert_eq!(with_liveness(own.to_owned()), format!("{own}&{rest}"));
    }
}
