//! Pooled connections.

use std::time::{Duration, Instant};

use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use diesel::r2d2::{ConnectionManager, Error, ManageConnection, R2D2Connection};

use super::store::PostgresSettings;

/// A connection that has just served is not asked whether it is still there: that would be one more
/// round trip for every read and every batch.
const TRUSTED_FOR: Duration = Duration::from_millis(500);

/// How long plans are good. One is made for as much as there is in the tables then, and kept by its
/// connection while they grow: a plan from before an on-sale may read the whole line for everybody who joins
/// it, until the server analyzes the table, which may be a minute.
pub const PLANS_KEPT_FOR: Duration = Duration::from_secs(1);

/// A server that went away without a word, as a machine does that loses its power, is given up after about
/// half a minute. The system's own defaults are two hours for an answer that does not come, and a quarter of
/// an hour for a question that is not acknowledged; all that time a batch would wait, and whoever queues
/// behind it. What the address says itself goes before.
const LIVENESS: [(&str, &str); 4] = [
    ("keepalives_idle", "10"),
    ("keepalives_interval", "5"),
    ("keepalives_count", "4"),
    ("tcp_user_timeout", "30000"),
];

/// An address that also says when a silent server is given up.
fn with_liveness(mut url: String) -> String {
    for (name, value) in LIVENESS {
        if !url.contains(&format!("{name}=")) {
            let sign = if url.contains('?') { '&' } else { '?' };
            url = format!("{url}{sign}{name}={value}");
        }
    }
    url
}

/// Opens connections and tells which are still good.
pub(crate) struct Connections {
    manager: ConnectionManager<PgConnection>,
    statement_timeout: Duration,
    plans_kept_for: Duration,
}

/// A connection of the pool.
pub(crate) struct Connection {
    pub(crate) conn: PgConnection,
    served_at: Option<Instant>,
    planned_at: Instant,
}

impl Connection {
    /// Notes whether the connection has just served: after a failure it is looked at before it is used
    /// again.
    pub(crate) fn note<T, E>(&mut self, served: &Result<T, E>) {
        self.served_at = served.is_ok().then(Instant::now);
    }
}

impl Connections {
    pub(crate) fn new(settings: PostgresSettings) -> Self {
        let PostgresSettings { url, statement_timeout, plans_kept_for, .. } = settings;
        let manager = ConnectionManager::new(with_liveness(url));
        Self { manager, statement_timeout, plans_kept_for }
    }
}

impl ManageConnection for Connections {
    type Connection = Connection;
    type Error = Error;

    fn connect(&self) -> Result<Connection, Error> {
        let mut conn = self.manager.connect()?;
        set_up(&mut conn, self.statement_timeout).map_err(Error::QueryError)?;
        let now = Instant::now();
        Ok(Connection { conn, served_at: Some(now), planned_at: now })
    }

    fn is_valid(&self, connection: &mut Connection) -> Result<(), Error> {
        if connection.planned_at.elapsed() >= self.plans_kept_for {
            connection.planned_at = Instant::now();
            return connection.conn.batch_execute("DISCARD PLANS").map_err(Error::QueryError);
        }
        match connection.served_at {
            Some(at) if at.elapsed() < TRUSTED_FOR => Ok(()),
            _ => connection.conn.ping().map_err(Error::QueryError),
        }
    }

    fn has_broken(&self, connection: &mut Connection) -> bool {
        self.manager.has_broken(&mut connection.conn)
    }
}

/// Bounds that every connection keeps to, and how its plans are made.
///
/// Every hot statement has its index. A plan made while a table is empty would scan it or hash all of
/// it, and be kept by the connection while the table grows: foreign keys were checked so, a thousand
/// times too slowly. What scans cost then makes the server compile plans, which takes longer than to
/// run them. A plan for the first values seen may sort a whole line: plans are made for any values. So may
/// one that is made when a line has grown and nothing is known of it yet: what an index has in order is
/// not sorted.
fn set_up(conn: &mut PgConnection, statement_timeout: Duration) -> diesel::QueryResult<()> {
    let milliseconds = statement_timeout.as_millis();
    conn.batch_execute(&format!(
        "SET statement_timeout = {milliseconds}; SET lock_timeout = {milliseconds}; \
         SET idle_in_transaction_session_timeout = {milliseconds}; SET timezone = 'UTC'; \
         SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; \
         SET enable_sort = off; SET jit = off; SET plan_cache_mode = force_generic_plan"
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
