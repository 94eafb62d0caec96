//! Pooled connections.

use std::time::{Duration, Instant};

use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use diesel::r2d2::{ConnectionManager, Error, ManageConnection, R2D2Connection};

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
/// and all requests queued after it, would wait as long. Parameters in the URL take precedence.
const LIVENESS: [(&str, &str); 4] = [
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

/// Opens connections and checks which are still usable.
pub(crate) struct Connections {
    manager: ConnectionManager<PgConnection>,
    statement_timeout: Duration,
    plans_replaced_after: Duration,
}

/// A connection of the pool.
pub(crate) struct Connection {
    pub(crate) conn: PgConnection,
    used_at: Option<Instant>,
    planned_at: Instant,
}

impl Connection {
    /// Records a use of the connection. After a failure it is checked before its next use.
    pub(crate) fn record_use<T, E>(&mut self, done: &Result<T, E>) {
        self.used_at = done.is_ok().then(Instant::now);
    }
}

impl Connections {
    pub(crate) fn new(settings: PostgresSettings) -> Self {
        let PostgresSettings { url, statement_timeout, plans_replaced_after, .. } = settings;
        let manager = ConnectionManager::new(with_liveness(url));
        Self { manager, statement_timeout, plans_replaced_after }
    }
}

impl ManageConnection for Connections {
    type Connection = Connection;
    type Error = Error;

    fn connect(&self) -> Result<Connection, Error> {
        let mut conn = self.manager.connect()?;
        set_up(&mut conn, self.statement_timeout).map_err(Error::QueryError)?;
        let now = Instant::now();
        Ok(Connection { conn, used_at: Some(now), planned_at: now })
    }

    fn is_valid(&self, connection: &mut Connection) -> Result<(), Error> {
        if connection.planned_at.elapsed() >= self.plans_replaced_after {
            connection.planned_at = Instant::now();
            return connection.conn.batch_execute("DISCARD PLANS").map_err(Error::QueryError);
        }
        match connection.used_at {
            Some(at) if at.elapsed() < UNCHECKED_FOR => Ok(()),
            _ => connection.conn.ping().map_err(Error::QueryError),
        }
    }

    fn has_broken(&self, connection: &mut Connection) -> bool {
        self.manager.has_broken(&mut connection.conn)
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
    use super::with_liveness;

    #[test]
    fn an_address_says_when_a_silent_server_is_given_up_unless_it_said_so_itself() {
        let all =
            "keepalives_idle=10&keepalives_interval=5&keepalives_count=4&tcp_user_timeout=30000";

        assert_eq!(with_liveness("postgres://h/d".to_owned()), format!("postgres://h/d?{all}"));
        assert_eq!(
            with_liveness("postgres://h/d?a=1".to_owned()),
            format!("postgres://h/d?a=1&{all}")
        );
        let own = "postgres://h/d?keepalives_idle=1&tcp_user_timeout=2";
        let rest = "keepalives_interval=5&keepalives_count=4";
        assert_eq!(with_liveness(own.to_owned()), format!("{own}&{rest}"));
    }
}
