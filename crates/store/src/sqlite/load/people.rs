//! Users, concerts and schedules to be made.

use diesel::dsl::sum;
use diesel::prelude::*;
use stagedoor_domain::operations::{
    CreateConcert, CreateSchedule, CreateUser, EndSessions, ReadUser,
};
use stagedoor_domain::{ConcertId, Instant, User, WorkingSet};

use super::{Load, ids, parts};
use crate::sqlite::codec::Id;
use crate::sqlite::failure::Failure;
use crate::sqlite::rows::{UserRow, fold};
use crate::sqlite::schema::{schedules, users};

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
        let counts: Vec<(Id, Option<i64>)> = schedules::table
            .group_by(schedules::concert_id)
            .select((schedules::concert_id, sum(schedules::seat_count)))
            .filter(schedules::concert_id.eq_any(&concerts))
            .load(conn)?;
        for (Id(concert_id), count) in counts {
            set.load_seat_count(ConcertId(concert_id), count.unwrap_or_default());
        }
        Ok(set)
    }
}

impl Load for ReadUser {
    fn load(_: &mut SqliteConnection, _: &[&Self], _: Instant) -> Result<WorkingSet, Failure> {
        Ok(WorkingSet::new())
    }
}

impl Load for EndSessions {
    fn load(
        conn: &mut SqliteConnection,
        commands: &[&Self],
        _: Instant,
    ) -> Result<WorkingSet, Failure> {
        let wanted = ids(commands.iter().map(|command| command.user_id.0));
        let mut set = WorkingSet::new();
        set.load(parts::users(conn, &wanted)?);
        Ok(set)
    }
}
