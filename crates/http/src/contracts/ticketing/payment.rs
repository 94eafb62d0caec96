//! Charging, the account, and paying.

use actix_web::web::{Data, Path};
use actix_web::{Error, HttpResponse};
use serde::{Deserialize, Serialize};
use stagedoor_domain::{PageSize, PointEntry, PointKind, Points, Reservation, ReservationId};
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use super::{
    HOLD_EXPIRED, KEY_REUSED, NO_BALANCE, NO_CHARGES, NO_SUCH_AMOUNT, NO_TICKET, NO_USER,
    Operation, TOO_FEW_POINTS, TicketId, TicketingError, UNAVAILABLE, UNREADABLE, given,
};
use crate::auth::{Access, Pass, SignedIn};
use crate::contracts::schedule;
use crate::edge::Action;
use crate::route::{Route, get, object, patch, post, tagged};
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::shared::commands::{self, DirectCharges};
use crate::wire::{ApiError, Body, FieldRule, IdempotencyKey, Resource, Whole};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    let routes = vec![
        patch("/payments/charges", charge)
            .operation("ticketingCharge", "Charge points.")
            .access(Access::AnyToken)
            .limit(Action::ChangePoints)
            .response(200, object::<Charged>())
            .refuses_as::<TicketingError>(&[
                UNREADABLE,
                NO_USER,
                NO_CHARGES,
                NO_SUCH_AMOUNT,
                KEY_REUSED,
                UNAVAILABLE,
            ]),
        get("/payments/{userId}/accounts", account)
            .operation("ticketingAccount", "Read a balance and its history.")
            .access(Access::AnyToken)
            .path_text("userId", None)
            .response(200, object::<Account>())
            .refuses_as::<TicketingError>(&[UNREADABLE, NO_USER, NO_BALANCE, UNAVAILABLE]),
        post("/payments/pays", pay)
            .operation("ticketingPay", "Pay a hold.")
            .access(Access::Admitted)
            .response(200, object::<Ticket>())
            .refuses_as::<TicketingError>(&[
                TOO_FEW_POINTS,
                NO_TICKET,
                HOLD_EXPIRED,
                KEY_REUSED,
                UNAVAILABLE,
            ]),
    ];
    tagged("contract: ticketing", routes)
}

/// The user and the points of a charge.
#[derive(Deserialize, ToSchema)]
#[schema(as = TicketingCharge)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Charge {
    #[schema(format = "uuid")]
    user_id: String,
    #[schema(example = 10000)]
    amount: Amount,
}

/// A positive number of points, as a number or as text.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Amount {
    Number(Whole),
    Text(String),
}

impl PartialSchema for Amount {
    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1))
            .maximum(Some(Points::MAX.get()))
            .examples([50_000]);
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[1-9][0-9]{0,14}$"))
            .examples(["50000"]);
        OneOfBuilder::new().item(number).item(text).into()
    }
}

impl ToSchema for Amount {}

impl Amount {
    fn points(&self) -> Result<Points, ApiError> {
        let amount = match self {
            Self::Number(number) => number.0,
            Self::Text(text) => text.parse().map_err(|_| {
                ApiError::field("amount", FieldRule::Form("it is no whole number".to_owned()))
            })?,
        };
        Ok(Points::positive(amount, "amount")?)
    }
}

/// A charge.
#[derive(Serialize, ToSchema)]
#[schema(as = TicketingCharged)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Charged {
    #[schema(example = "김팬")]
    user_name: String,
    #[schema(example = 50000)]
    amount: i64,
    /// The balance.
    #[schema(example = 100000)]
    point: i64,
    #[schema(example = "충전완료")]
    account_stat: &'static str,
    /// When, in milliseconds since 1970.
    #[schema(example = 1_798_106_400_000_i64)]
    reg_date: i64,
}

/// A balance and its history.
#[derive(Serialize, ToSchema)]
#[schema(as = TicketingAccount)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    #[schema(example = "김팬")]
    user_name: String,
    /// The balance.
    #[schema(example = 150000)]
    point: i64,
    /// The last hundred changes, newest first.
    histories: Vec<History>,
}

/// A change of a balance.
#[derive(Serialize, ToSchema)]
#[schema(as = TicketingHistory)]
#[serde(rename_all = "camelCase")]
pub(crate) struct History {
    history_id: Uuid,
    #[schema(value_type = String, example = "CHARGE")]
    kind: PointKind,
    #[schema(example = 10000)]
    amount: i64,
    /// The balance after it.
    #[schema(example = 40000)]
    point: i64,
    /// When, in milliseconds since 1970.
    #[schema(example = 1_798_106_400_000_i64)]
    reg_date: i64,
}

impl From<PointEntry> for History {
    fn from(entry: PointEntry) -> Self {
        Self {
            history_id: entry.id.0,
            kind: entry.kind,
            amount: entry.amount.get(),
            point: entry.balance_after.get(),
            reg_date: milliseconds(entry.created_at),
        }
    }
}

/// The hold to pay and its user.
#[derive(Deserialize, ToSchema)]
#[schema(as = TicketingPay)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Pay {
    /// The client's own name for the hold, or the reservation's id.
    ticket_id: TicketId,
    #[schema(format = "uuid")]
    user_id: String,
}

/// A ticket.
#[derive(Serialize, ToSchema)]
#[schema(as = TicketingTicket)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ticket {
    #[schema(example = "ticketId1")]
    ticket_id: String,
    #[schema(example = "김팬")]
    user_name: String,
    #[schema(example = "진격의 거인 OST 콘서트")]
    concert_title: String,
    #[schema(example = "2026-12-24")]
    concert_date: String,
    #[schema(example = 1)]
    concert_seat: i32,
    /// All its seats, if it has more than one; then `concertSeat` is the first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    concert_seats: Vec<i32>,
    #[schema(example = "booked")]
    stat: &'static str,
    #[schema(example = "expire")]
    token_stat: &'static str,
}

/// The numbers of a ticket's seats, if it has more than one.
fn several(ticket: &Reservation) -> Vec<i32> {
    let seats = ticket.seats.iter().map(|seat| seat.number);
    if ticket.seats.len() > 1 { seats.collect() } else { Vec::new() }
}

fn milliseconds(instant: stagedoor_domain::Instant) -> i64 {
    i64::try_from(instant.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

async fn charge(
    services: Data<Services>,
    user: Result<SignedIn, ApiError>,
    direct_charges: Result<DirectCharges, ApiError>,
    key: Result<IdempotencyKey, ApiError>,
    body: Result<Body<Charge>, Error>,
) -> HttpResponse {
    let work = async {
        let (user, direct_charges, key) = (user?, direct_charges?, key?);
        let Body { value: body, bytes } = given(body)?;
        user.check_is(&body.user_id)?;
        let amount = body.amount.points()?;
        let command = commands::charge(direct_charges, user.user_id, amount);
        let submission = key.submission(user.user_id, &bytes, command);
        let entry = services.change_points.submit(submission).await??.entry;
        Ok(Charged {
            user_name: user.name,
            amount: entry.amount.get(),
            point: entry.balance_after.get(),
            account_stat: "충전완료",
            reg_date: milliseconds(entry.created_at),
        })
    };
    Operation::Charge.answer(work).await
}

async fn account(
    services: Data<Services>,
    user: Result<SignedIn, ApiError>,
    id: Path<String>,
) -> HttpResponse {
    let work = async {
        let user = user?;
        user.check_is(&id)?;
        let accounts = &services.point_accounts;
        let account = accounts.point_account(user.user_id).await?;
        let account = account.ok_or(ApiError::NotFound(Resource::User))?;
        let entries = accounts.point_entries(user.user_id, None, PageSize::LARGEST).await?;
        let histories = entries.items.into_iter().map(History::from).collect();
        Ok(Account { user_name: user.name, point: account.balance.get(), histories })
    };
    Operation::ReadAccount.answer(work).await
}

async fn pay(
    services: Data<Services>,
    settings: Data<HttpSettings>,
    pass: Result<Pass, ApiError>,
    user: Result<SignedIn, ApiError>,
    key: Result<IdempotencyKey, ApiError>,
    body: Result<Body<Pay>, Error>,
) -> HttpResponse {
    let work = async {
        let (pass, user, key) = (pass?, user?, key?);
        let Body { value: body, bytes } = given(body)?;
        user.check_is(&body.user_id)?;
        let ticket_id = body.ticket_id.into_text();
        let meant = services.checkout.named(user.user_id, &ticket_id).await?;
        // A missing hold is refused in the order of rule 15, the token first.
        let id = meant.map_or(ReservationId(Uuid::nil()), |meant| meant.id);
        let submission = key.submission(user.user_id, &bytes, commands::pay(&pass.0, id)?);
        let paid = services.pay.submit(submission).await??.reservation;
        let now = services.clock.now();
        let concert = services.concerts.concert(paid.concert_id, now).await?;
        let concert = concert.ok_or(ApiError::NotFound(Resource::Concert))?.concert;
        let schedule = schedule(&services, paid.schedule_id).await?;
        Ok(Ticket {
            ticket_id,
            user_name: user.name,
            concert_title: concert.details.title.as_str().to_owned(),
            concert_date: settings.local_time.date(schedule.starts_at),
            concert_seat: paid.seats.first().map_or(0, |seat| seat.number),
            concert_seats: several(&paid),
            stat: "booked",
            token_stat: "expire",
        })
    };
    Operation::Pay.answer(work).await
}

#[cfg(test)]
mod tests {
    use time::Duration;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn an_instant_is_told_in_whole_milliseconds_since_1970() {
        let second = datetime!(1970-01-01 00:00:01 UTC);
        let table = [
            (second, 1_000),
            (second + Duration::microseconds(1_999), 1_001),
            (datetime!(2026-11-21 10:00 UTC), 1_795_255_200_000),
        ];
        for (instant, expected) in table {
            assert_eq!(milliseconds(instant), expected);
        }
    }
}
