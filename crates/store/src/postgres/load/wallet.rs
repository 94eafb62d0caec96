//! Points and payments.

use diesel::prelude::*;
use stagedoor_domain::operations::{ChangePoints, Pay};
use stagedoor_domain::{Instant, WorkingSet};

use super::{Load, ids, parts};
use crate::postgres::failure::Failure;

impl Load for ChangePoints {
    fn load(
        conn: &mut PgConnection,
        commands: &[&Self],
        _: Instant,
    ) -> Result<WorkingSet, Failure> {
        let mut set = WorkingSet::new();
        set.load(parts::lock_accounts(conn, &ids(commands.iter().map(|c| c.user_id.0)))?);
        Ok(set)
    }
}

impl Load for Pay {
    fn load(
        conn: &mut PgConnection,
        commands: &[&Self],
        _: Instant,
    ) -> Result<WorkingSet, Failure> {
        let mut set = WorkingSet::new();
        set.load(parts::lock_rooms(conn, &ids(commands.iter().map(|c| c.room_id.0)))?);
        let tokens = ids(commands.iter().map(|command| command.token_id.0));
        set.load_queue_tokens(parts::lock_tokens(conn, &tokens)?);
        let wanted = ids(commands.iter().map(|command| command.reservation_id.0));
        parts::lock_reservations(conn, &mut set, &wanted)?;
        set.load(parts::lock_accounts(conn, &ids(commands.iter().map(|c| c.user_id.0)))?);
        Ok(set)
    }
}
