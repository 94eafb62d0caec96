//! Exporting one's own data as one document, which is read and sent page by page.

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use actix_web::web::Data;
use serde::Serialize;
use stagedoor_domain::{Instant, Page, PageSize, PaymentId, ReservationId, TicketId, UserId};
use utoipa::ToSchema;

use crate::auth::{Access, Account};
use crate::edge::Action;
use crate::edge::unsent_bodies::{Client, UnsentBodies};
use crate::route::{Route, get, object, tagged};
use crate::services::Services;
use crate::shared::parts::{Parts, attach};
use crate::v1::payment::PaymentBody;
use crate::v1::point::PointEntryBody;
use crate::v1::reservation::ReservationBody;
use crate::v1::ticket::TicketBody;
use crate::v1::user::UserBody;
use crate::wire::request_id;
use crate::wire::{ApiError, Resource, Timestamp};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let routes = vec![
        get("/users/me/export", export)
            .operation("exportMe", "Export one's own data as one document.")
            .description(
                "It is complete: all point entries, payments, reservations and tickets in every state, \
                 however many there are. `balance` is the sum of the `pointEntries`. What changes \
                 while the document is sent may be in its later lists only. The document is sent in \
                 parts without a `Content-Length`: one that breaks off is not valid JSON, so ask for \
                 it again.",
            )
            .access(Access::Account)
            .limit(Action::Export)
            .response(200, object::<ExportBody>())
            .response_header("Content-Disposition")
            .refuses(&[NotFound(Resource::User)]),
    ];
    tagged("people", routes)
}

/// A user's data. Every list is complete, newest first.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "it documents a response that is written part by part")]
pub(crate) struct ExportBody {
    /// As of when the states of reservations are told.
    exported_at: Timestamp,
    user: UserBody,
    #[schema(example = 10000)]
    balance: i64,
    point_entries: Vec<PointEntryBody>,
    payments: Vec<PaymentBody>,
    reservations: Vec<ReservationBody>,
    /// Those that the user holds or held.
    tickets: Vec<TicketBody>,
}

/// Memory reserved for an export while it is sent. One page of payments has at most about 2,900 bytes for
/// each of its 100 payments, and is in memory once more in chunks of the connection.
const PAGE_BYTES_MAX: usize = 384 * 1024;

/// What is read after what was sent: a list, after its last item that was sent.
enum Next {
    Entries(Option<i64>),
    Payments(Option<PaymentId>),
    Reservations(Option<ReservationId>),
    Tickets(Option<TicketId>),
    Nothing,
}

/// An export that is being sent.
struct Export {
    services: Data<Services>,
    user_id: UserId,
    /// How many point entries there were when the balance was read.
    entries: i64,
    at: Instant,
}

async fn export(
    services: Data<Services>,
    unsent: Data<UnsentBodies>,
    Account(user_id): Account,
) -> Result<HttpResponse, ApiError> {
    let no_user = || ApiError::NotFound(Resource::User);
    let at = services.clock.now();
    let user = services.people.users.user(user_id).await?.ok_or_else(no_user)?;
    let account = services.point_accounts.point_account(user_id).await?.ok_or_else(no_user)?;
    let sending = unsent.begin(Client::User(user_id), PAGE_BYTES_MAX, None)?;
    let (exported_at, user) = (json(&Timestamp::from(at))?, json(&UserBody::from(user))?);
    let balance = account.balance.get();
    let head = format!(
        r#"{{"exportedAt":{exported_at},"user":{user},"balance":{balance},"pointEntries":["#
    );
    let export = Export { services, user_id, entries: account.entries, at };
    let mut answer = HttpResponse::Ok();
    answer.insert_header(ContentType::json());
    let parts = (export, Next::Entries(None));
    Ok(attach(&mut answer, "stagedoor-export.json", sending, head.into_bytes(), parts))
}

impl Parts for Export {
    type Next = Next;

    /// Payments come after the entries that name them, and reservations after the payments.
    async fn read(&self, next: Next) -> Result<Option<(Vec<u8>, Next)>, ApiError> {
        let (services, user_id, size) = (&self.services, self.user_id, PageSize::LARGEST);
        let (text, next) = match next {
            Next::Entries(after) => {
                let start = after.unwrap_or(self.entries.saturating_add(1));
                let entries = &services.point_accounts;
                let page = entries.point_entries(user_id, Some(start), size).await?;
                match items(page, after.is_none(), PointEntryBody::from)? {
                    (text, None) => (text + r#"],"payments":["#, Next::Payments(None)),
                    (text, after) => (text, Next::Entries(after)),
                }
            }
            Next::Payments(after) => {
                let page = services.payments.payments(user_id, after, size).await?;
                match items(page, after.is_none(), PaymentBody::from)? {
                    (text, None) => (text + r#"],"reservations":["#, Next::Reservations(None)),
                    (text, after) => (text, Next::Payments(after)),
                }
            }
            Next::Reservations(after) => {
                let reservations = &services.reservations;
                let page = reservations.reservations(user_id, None, after, size, self.at).await?;
                let body = |reservation| ReservationBody::at(reservation, self.at);
                match items(page, after.is_none(), body)? {
                    (text, None) => (text + r#"],"tickets":["#, Next::Tickets(None)),
                    (text, after) => (text, Next::Reservations(after)),
                }
            }
            Next::Tickets(after) => {
                let page = services.tickets.read.tickets(user_id, None, after, size).await?;
                match items(page, after.is_none(), |ticket| TicketBody::at(ticket, self.at))? {
                    (text, None) => (text + "]}", Next::Nothing),
                    (text, after) => (text, Next::Tickets(after)),
                }
            }
            Next::Nothing => return Ok(None),
        };
        Ok(Some((text.into_bytes(), next)))
    }
}

/// The items of a page as they stand in a list, and the cursor of the next page.
fn items<I, C, T: Serialize>(
    page: Page<I, C>,
    is_first: bool,
    body: impl Fn(I) -> T,
) -> Result<(String, Option<C>), ApiError> {
    let mut text = String::new();
    for (index, item) in page.items.into_iter().enumerate() {
        if index > 0 || !is_first {
            text.push(',');
        }
        text.push_str(&json(&body(item))?);
    }
    Ok((text, page.next))
}

fn json(value: &impl Serialize) -> Result<String, ApiError> {
    serde_json::to_string(value).map_err(|error| {
        tracing::error!(request_id = %request_id::current(), %error, "an export cannot be written");
        ApiError::Internal
    })
}

#[cfg(test)]
mod tests;
