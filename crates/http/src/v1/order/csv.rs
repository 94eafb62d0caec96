//! The attendees of a concert as a table for spreadsheets.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use stagedoor_domain::ports::{Order, OrderQuery};
use stagedoor_domain::{
    ConcertId, Instant, PageSize, ReservationId, ReservationState, ReservationStatus,
};

use super::Reader;
use crate::auth::Account;
use crate::edge::unsent_bodies::{Client, UnsentBodies};
use crate::services::Services;
use crate::shared::parts::{Parts, attach};
use crate::shared::table::{self, written};
use crate::wire::{ApiError, ids};

const HEADING: [&str; 13] = [
    "ticket",
    "starts_at",
    "section",
    "row",
    "column",
    "seat",
    "price",
    "name",
    "email",
    "paid_at",
    "complimentary",
    "row_label",
    "seat_number",
];
/// Memory reserved for a table while it is sent: two pages of 100 orders, each of at most 4 seats of about 600 bytes.
const PAGE_BYTES_MAX: usize = 512 * 1024;

/// A table that is being sent.
struct Table {
    services: Data<Services>,
    reader: Reader,
    query: OrderQuery,
    at: Instant,
}

/// What is read after what was sent.
enum Next {
    Orders(Option<ReservationId>),
    Nothing,
}

pub(super) async fn export(
    services: Data<Services>,
    unsent: Data<UnsentBodies>,
    Account(user_id): Account,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let concert_id: ConcertId = ids::parse_id(&id, "concertId")?;
    let reader = Reader::check(&services, user_id, Some(concert_id)).await?;
    let sending = unsent.begin(Client::User(user_id), PAGE_BYTES_MAX, None)?;
    let status = Some(ReservationStatus::Confirmed);
    let query = OrderQuery { concert_id: Some(concert_id), status, ..OrderQuery::default() };
    let at = services.clock.now();
    let document = Table { services, reader, query, at };
    let mut answer = table::answer();
    let name = format!("attendees-{concert_id}.csv");
    let first = (document, Next::Orders(None));
    Ok(attach(&mut answer, &name, sending, table::head(HEADING)?, first))
}

impl Parts for Table {
    type Next = Next;

    async fn read(&self, next: Next) -> Result<Option<(Vec<u8>, Next)>, ApiError> {
        let Next::Orders(after) = next else { return Ok(None) };
        let (services, size) = (&self.services, PageSize::LARGEST);
        let page = services.orders.orders(&self.query, after, size, self.at).await?;
        self.reader.record(services, &page.items).await?;
        let next = page.next.map_or(Next::Nothing, |last| Next::Orders(Some(last)));
        Ok(Some((table::lines(page.items.iter().flat_map(seats))?, next)))
    }
}

/// A line for each seat of an order.
fn seats(order: &Order) -> impl Iterator<Item = [String; HEADING.len()]> {
    let reservation = &order.reservation;
    let is_complimentary = reservation.is_complimentary();
    let paid_at = match reservation.state {
        ReservationState::Confirmed { at } if !is_complimentary => written(at),
        _ => String::new(),
    };
    let complimentary = if is_complimentary { "yes" } else { "" };
    reservation.seats.iter().map(move |seat| {
        let [row_label, seat_number] = seat.printed();
        [
            reservation.id.to_string(),
            written(order.starts_at),
            seat.label.clone(),
            seat.row.to_string(),
            seat.column.to_string(),
            seat.number.to_string(),
            seat.price.get().to_string(),
            order.holder.name.as_str().to_owned(),
            order.holder.email.as_str().to_owned(),
            paid_at.clone(),
            complimentary.to_owned(),
            row_label,
            seat_number,
        ]
    })
}
