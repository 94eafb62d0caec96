//! Users, concerts and schedules to be made.

use diesel::prelude::*;
use stagedoor_domain::operations::{CreateConcert, CreateSchedule, CreateUser};
use stagedoor_domain::{Instant, User, WorkingSet};

use super::{Load, ids, parts};
use crate::failure::Failure;
use crate::rows::{UserRow, fold};
use crate::schema::users;

impl Load for CreateUser {
    fn load(
        conn: &mut SqliteConnection,
        commands: &[&Self],
        _: Instant,
    ) -> Result<WorkingSet, Failure> {
        let emails: Vec<&str> = commands.iter().map(|command| command.email.as_str()).collect();
        let rows: Vec<UserRow> = users::table
            .select(UserRow::as_select())
            .filter(users::email.eq_any(&emails))
            .load(conn)?;
        let mut set = WorkingSet::new();
        set.load::<User>(fold(rows)?);
        Ok(set)
    }
}

impl Load for CreateConcert {
    fn load(
        conn: &mut SqliteConnection,
        commands: &[&Self],
        _: Instant,
    ) -> Result<WorkingSet, Failure> {
        let organizers = ids(commands.iter().map(|command| command.organizer_id.0));
        let mut set = WorkingSet::new();
        set.load(parts::users(conn, &organizers)?);
        Ok(set)
    }
}

impl Load for CreateSchedule {
    fn load(
        conn: &mut SqliteConnection,
        commands: &[&Self],
        _: Instant,
    ) -> Result<WorkingSet, Failure> {
        let concerts = ids(commands.iter().map(|command| command.concert_id.0));
        let mut set = WorkingSet::new();
        set.load(parts::concerts(conn, &concerts)?);
        Ok(set)
    }
}
