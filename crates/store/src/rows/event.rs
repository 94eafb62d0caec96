//! What others learn of changes.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use stagedoor_domain::{ConcertId, Event, EventId, EventKind, Instant};

use super::corrupt;
use crate::failure::Failure;
use crate::schema;
use crate::types::SubjectId;

#[derive(Queryable, QueryableByName, Selectable)]
#[diesel(table_name = schema::events, check_for_backend(Pg, Sqlite))]
pub(crate) struct EventRow {
    subject_id: SubjectId,
    number: i64,
    kind: String,
    concert_id: Option<ConcertId>,
    at: Instant,
    fanned_out: bool,
}

impl TryFrom<EventRow> for Event {
    type Error = Failure;

    fn try_from(row: EventRow) -> Result<Self, Failure> {
        let id = EventId::new(row.subject_id.0, row.number);
        Ok(Self {
            id,
            kind: EventKind::of_name(&row.kind).ok_or_else(|| corrupt("event", id, "kind"))?,
            concert_id: row.concert_id,
            at: row.at,
            fanned_out: row.fanned_out,
        })
    }
}
