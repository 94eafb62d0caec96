//! What a pulse writes: that the service has the store, and after an outage the deadlines of waiting tokens.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable};
use stagedoor_domain::pulse::{MOVED_AHEAD, MOVED_AT_ONCE_MAX, lost_before};
use stagedoor_domain::{Instant, Outage, ProcessId, Pulse, RoomId};
use uuid::Uuid;

use super::dialect::{
    CLOCK, Conn, MOVE_COMING_UP, MOVE_NEXT_IN_LINE, Prepared, RECORD_PROCESS, SERVICE_CLOCK,
};
use crate::failure::Failure;
use crate::types::{SqlId, SqlInstant};

/// A place in the line of a room. Lines are walked room by room.
type Place = (RoomId, i64);

/// Before the first place of all lines.
const FIRST: Place = (RoomId(Uuid::nil()), 0);
/// Behind the last one.
const LAST: Place = (RoomId(Uuid::max()), i64::MAX);

const OUTAGES: &str = "
    SELECT number, began_at, ended_at, lost_heartbeats, moved_room_id, moved_place
    FROM outages ORDER BY number";
const ADD_OUTAGE: &str = "
    INSERT INTO outages (began_at, ended_at, lost_heartbeats, moved_room_id, moved_place)
    VALUES (?, ?, ?, ?, ?)";
/// A process of an older version has no such instant, and keeps no heartbeats to itself.
const TAKE_LOST_PROCESSES: &str =
    "DELETE FROM processes WHERE id <> ? AND alive_at < ? RETURNING alive_at";
const WRITE_SERVICE_CLOCK: &str =
    "UPDATE service_clock SET alive_at = ?, up_since = coalesce(?, up_since)";

/// An outage for which not all deadlines have been moved.
struct Unmoved {
    number: i64,
    outage: Outage,
    /// Up to this place all have been.
    moved: Place,
}

/// Notes that a process has the store. The row of the clock is locked, so processes pulse one after another.
pub(crate) fn note_pulse(
    conn: &mut Conn,
    process: ProcessId,
    pulse: Pulse,
    now: Instant,
) -> Result<(), Failure> {
    let last: Option<(Instant, Instant)> = Prepared::new(SERVICE_CLOCK)
        .returning::<(SqlInstant, SqlInstant)>()
        .get_result(conn)
        .optional()?;
    let outage = last.and_then(|(alive_at, _)| pulse.outage(alive_at, now));
    let back_since = outage.map(|outage| outage.ended_at);
    let lost = match last {
        // The others may be back in a moment, too.
        Some((_, up_since)) if outage.is_none() => lost_process(conn, process, up_since, now)?,
        _ => None,
    };
    for outage in outage.into_iter().chain(lost) {
        add_outage(conn, outage)?;
    }
    let started = time(conn)?;
    move_deadlines(conn, now)?;
    let alive_at = Pulse::alive_at(now, time(conn)? - started);
    Prepared::new(WRITE_SERVICE_CLOCK)
        .bind::<SqlInstant, _>(alive_at)
        .bind::<Nullable<SqlInstant>, _>(back_since)
        .execute(conn)?;
    Prepared::new(RECORD_PROCESS)
        .bind::<SqlId, _>(process)
        .bind::<SqlInstant, _>(now)
        .execute(conn)?;
    Ok(())
}

/// Forgets the processes that were lost, and answers the outage that this is. The store has been there since `up_since`.
fn lost_process(
    conn: &mut Conn,
    process: ProcessId,
    up_since: Instant,
    now: Instant,
) -> Result<Option<Outage>, Failure> {
    let Some(before) = lost_before(up_since, now) else { return Ok(None) };
    let lost: Vec<Instant> = Prepared::new(TAKE_LOST_PROCESSES)
        .returning::<SqlInstant>()
        .bind::<SqlId, _>(process)
        .bind::<SqlInstant, _>(before)
        .load(conn)?;
    Ok(lost.into_iter().min().map(|last| Outage::of_lost_process(last, now)))
}

fn add_outage(conn: &mut Conn, outage: Outage) -> Result<(), Failure> {
    tracing::info!(
        lost_heartbeats = outage.lost_heartbeats,
        refund = %outage.refund(),
        "waiting tokens are not charged for an outage"
    );
    Prepared::new(ADD_OUTAGE)
        .bind::<SqlInstant, _>(outage.began_at)
        .bind::<SqlInstant, _>(outage.ended_at)
        .bind::<Bool, _>(outage.lost_heartbeats)
        .bind::<SqlId, _>(FIRST.0)
        .bind::<BigInt, _>(FIRST.1)
        .execute(conn)?;
    Ok(())
}

/// Notes that a process answers no more, and keeps no heartbeats.
pub(crate) fn leave(conn: &mut Conn, process: ProcessId) -> Result<(), Failure> {
    Prepared::new("DELETE FROM processes WHERE id = ?").bind::<SqlId, _>(process).execute(conn)?;
    Ok(())
}

/// The time of the database's clock.
pub(crate) fn time(conn: &mut Conn) -> Result<Instant, Failure> {
    Ok(Prepared::new(CLOCK).returning::<SqlInstant>().get_result(conn)?)
}

/// Moves the deadlines that come up, and a part of the others. An outage follows the one before it along the
/// lines: no deadline moves by the second first.
fn move_deadlines(conn: &mut Conn, now: Instant) -> Result<(), Failure> {
    let mut before = LAST;
    for unmoved in unmoved(conn)? {
        before = unmoved.advance(conn, now, before)?;
    }
    Ok(())
}

fn unmoved(conn: &mut Conn) -> Result<Vec<Unmoved>, Failure> {
    type Row = (i64, Instant, Instant, bool, RoomId, i64);
    let rows: Vec<Row> = Prepared::new(OUTAGES)
        .returning::<(BigInt, SqlInstant, SqlInstant, Bool, SqlId, BigInt)>()
        .load(conn)?;
    let unmoved =
        rows.into_iter().map(|(number, began_at, ended_at, lost_heartbeats, room_id, place)| {
            Unmoved {
                number,
                outage: Outage { began_at, ended_at, lost_heartbeats },
                moved: (room_id, place),
            }
        });
    Ok(unmoved.collect())
}

impl Unmoved {
    /// Goes on along the lines, not past where the outage before has come to, and answers how far.
    fn advance(mut self, conn: &mut Conn, now: Instant, before: Place) -> Result<Place, Failure> {
        let coming_up = self
            .statement(MOVE_COMING_UP)
            .bind::<SqlInstant, _>(now + MOVED_AHEAD)
            .bind::<BigInt, _>(at_once())
            .load::<Place>(conn)?;
        let are_many = coming_up.len() == MOVED_AT_ONCE_MAX;
        loop {
            let next = self
                .statement(MOVE_NEXT_IN_LINE)
                .bind::<SqlId, _>(self.moved.0)
                .bind::<BigInt, _>(self.moved.1)
                .bind::<SqlId, _>(before.0)
                .bind::<BigInt, _>(before.1)
                .bind::<BigInt, _>(at_once())
                .load::<Place>(conn)?;
            let is_end = next.len() < MOVED_AT_ONCE_MAX;
            let last = if is_end { Some(before) } else { next.into_iter().max() };
            self.moved = last.unwrap_or(self.moved);
            if is_end || !are_many {
                break;
            }
        }
        self.write(conn)?;
        Ok(self.moved)
    }

    fn statement(&self, sql: &'static str) -> Prepared<'static, (SqlId, BigInt)> {
        let refund = self.outage.refund().whole_microseconds();
        Prepared::new(sql)
            .bind::<BigInt, _>(self.number)
            .bind::<SqlInstant, _>(self.outage.began_at)
            .bind::<SqlInstant, _>(self.outage.ended_at)
            .bind::<BigInt, _>(i64::try_from(refund).unwrap_or(i64::MAX))
            .returning::<(SqlId, BigInt)>()
    }

    fn write(&self, conn: &mut Conn) -> Result<(), Failure> {
        if self.moved == LAST {
            Prepared::new("DELETE FROM outages WHERE number = ?")
                .bind::<BigInt, _>(self.number)
                .execute(conn)?;
        } else {
            Prepared::new("UPDATE outages SET moved_room_id = ?, moved_place = ? WHERE number = ?")
                .bind::<SqlId, _>(self.moved.0)
                .bind::<BigInt, _>(self.moved.1)
                .bind::<BigInt, _>(self.number)
                .execute(conn)?;
        }
        Ok(())
    }
}

fn at_once() -> i64 {
    i64::try_from(MOVED_AT_ONCE_MAX).unwrap_or(i64::MAX)
}
