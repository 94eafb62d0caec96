//! A door list as a table for spreadsheets.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use stagedoor_domain::ports::DoorEntry;
use stagedoor_domain::{PageSize, ReservedSeat, ScheduleId, TicketId};

use super::admitted;
use super::list::TICKETS_MAX;
use crate::auth::Account;
use crate::edge::unsent_bodies::{Client, UnsentBodies};
use crate::services::Services;
use crate::shared::parts::{Parts, attach};
use crate::shared::table::{self, written};
use crate::wire::{ApiError, ids};

const HEADING: [&str; 8] =
    ["number", "name", "section", "row_label", "seat_number", "seat", "scanned_at", "door"];
/// Memory reserved for a table while it is sent: two pages of 1,000 tickets of about 250 bytes.
const PAGE_BYTES_MAX: usize = 512 * 1024;

/// A table that is being sent.
struct Table {
    services: Data<Services>,
    schedule_id: ScheduleId,
}

/// What is read after what was sent.
enum Next {
    Tickets(Option<TicketId>),
    Nothing,
}

pub(super) async fn export(
    services: Data<Services>,
    unsent: Data<UnsentBodies>,
    Account(user_id): Account,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let schedule_id = ids::parse_id(&id, "scheduleId")?;
    admitted(&services, user_id, schedule_id).await?;
    let sending = unsent.begin(Client::User(user_id), PAGE_BYTES_MAX, None)?;
    let mut answer = table::answer();
    let name = format!("door-list-{schedule_id}.csv");
    let first = (Table { services, schedule_id }, Next::Tickets(None));
    Ok(attach(&mut answer, &name, sending, table::head(HEADING)?, first))
}

impl Parts for Table {
    type Next = Next;

    async fn read(&self, next: Next) -> Result<Option<(Vec<u8>, Next)>, ApiError> {
        let Next::Tickets(after) = next else { return Ok(None) };
        let size = PageSize::up_to(TICKETS_MAX, TICKETS_MAX.into())?;
        let page = self.services.doors.read.door_list(self.schedule_id, after, size).await?;
        let next = page.next.map_or(Next::Nothing, |last| Next::Tickets(Some(last)));
        let admitting = page.items.iter().filter(|entry| !entry.ticket.is_void());
        Ok(Some((table::lines(admitting.map(line))?, next)))
    }
}

fn line(entry: &DoorEntry) -> [String; HEADING.len()] {
    let seat = ReservedSeat::from(&entry.seat);
    let [row_label, seat_number] = seat.printed();
    let check_in = entry.ticket.check_in();
    [
        entry.ticket.number.to_string(),
        entry.holder_name.as_str().to_owned(),
        seat.label,
        row_label,
        seat_number,
        seat.number.to_string(),
        check_in.map_or_else(String::new, |it| written(it.scanned_at)),
        check_in.map_or_else(String::new, |it| it.door.as_str().to_owned()),
    ]
}
