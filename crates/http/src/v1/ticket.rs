//! Tickets.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Json, Path, Query};
use serde::{Deserialize, Serialize};
use stagedoor_domain::operations::{CancelTicket, TransferTicket};
use stagedoor_domain::ports::{TicketDetails, VenueOfSchedule};
use stagedoor_domain::ticket::VoidReason;
use stagedoor_domain::{
    Email, Instant, PointEntryId, Points, ReservedSeat, Ticket, TicketId, TicketState,
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::auth::{Access, Account, SignedIn};
use crate::edge::Action;
use crate::route::{Route, get, object, page, post, tagged, text};
use crate::services::Services;
use crate::shared::commands;
use crate::shared::own;
use crate::v1::reservation::{CancellationBody, ReservedSeatBody};
use crate::v1::schedule::{MovedBody, VenueOfScheduleBody};
use crate::wire::{
    ApiError, Body, CheckInBody, DoorRefused, IdempotencyKey, PageBody, PageQuery, RequiredAccess,
    Resource, Timestamp, ids, request_id,
};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    tagged("tickets", reads().into_iter().chain(changes()).collect())
}

fn reads() -> Vec<Route> {
    use ApiError::*;

    vec![
        get("/tickets", list)
            .operation("listTickets", "List the tickets that one holds or held, newest first.")
            .access(Access::AnyToken)
            .response(200, page::<TicketBody>()),
        get("/tickets/{ticketId}", find)
            .operation("readTicket", "Read one of one's own tickets.")
            .access(Access::AnyToken)
            .response(200, object::<TicketBody>())
            .refuses(&[NotFound(Resource::Ticket)]),
        get("/tickets/{ticketId}/qr-code", qr_code)
            .operation("drawTicket", "Draw the code of a ticket that is not void as a QR code (ISO/IEC 18004).")
            .description(
                "The code is signed with Ed25519: `SD1` and the base45 (RFC 9285) of a byte of the key's id, 7 bytes of the \
                 number, 16 of the date's id and 64 of the signature. `/.well-known/jwks.json` has the keys.",
            )
            .access(Access::AnyToken)
            .response(200, text("image/svg+xml").described("A drawing"))
            .refuses(&[NotFound(Resource::Ticket), TicketVoid]),
        get("/tickets/{ticketId}/calendar", calendar)
            .operation("readTicketCalendar", "Read a ticket as a file for calendars (RFC 5545).")
            .access(Access::AnyToken)
            .response(200, text("text/calendar").described("One event"))
            .response_header("Content-Disposition")
            .refuses(&[NotFound(Resource::Ticket)]),
    ]
}

fn changes() -> Vec<Route> {
    use ApiError::*;

    vec![
        post("/tickets/{ticketId}/transfer", transfer)
            .operation("transferTicket", "Transfer a ticket to another account.")
            .description(
                "The ticket and its code are void at once. The other user has a new one for the same \
                 seat. No points move, and what is cancelled later is refunded to the user who paid.",
            )
            .access(Access::Account)
            .limit(Action::Create)
            .response(201, object::<TransferBody>().described("The old ticket, now void"))
            .refuses(&[
                NotFound(Resource::Ticket),
                TicketVoid,
                Door(DoorRefused::TicketUsed),
                PerformanceEnded,
                NotFound(Resource::User),
                OwnTicket,
            ]),
        post("/tickets/{ticketId}/cancellation", cancel)
            .operation("cancelTicket", "Cancel the seat of one ticket.")
            .description(
                "Before the date's `cancellationClosesAt`. The price of the seat is refunded, the seat is free at once, \
                 and the other seats of the reservation stay paid. The last one cancels the reservation.",
            )
            .access(Access::AnyToken)
            .response(201, object::<CancellationBody>())
            .refuses(&[
                NotFound(Resource::Ticket),
                TicketVoid,
                Door(DoorRefused::TicketUsed),
                Forbidden(RequiredAccess::Payer),
                Complimentary,
                CancellationClosed,
                BalanceTooLarge,
            ]),
    ]
}

/// A ticket: it admits its holder to one seat.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TicketBody {
    id: Uuid,
    /// What people call it: ten digits of Crockford's base 32 and a check digit.
    #[schema(example = "7K3MQ-9XF2D-6")]
    number: String,
    /// `VALID`, `CHECKED_IN` or `VOID`.
    #[schema(example = "VALID")]
    status: &'static str,
    /// Why it is void: `TRANSFERRED`, `SEAT_CANCELLED` or `RESERVATION_CANCELLED`.
    #[schema(value_type = Option<String>, example = json!(null))]
    void_reason: Option<VoidReason>,
    void_at: Option<Timestamp>,
    /// When and where its holder came in, if so.
    check_in: Option<CheckInBody>,
    #[schema(example = "김민지")]
    holder_name: String,
    reservation_id: Uuid,
    concert_id: Uuid,
    schedule_id: Uuid,
    #[schema(example = "진격의 거인 OST 콘서트")]
    title: String,
    starts_at: Timestamp,
    ends_at: Timestamp,
    /// The venue; null for a date without a seat plan.
    venue: Option<VenueOfScheduleBody>,
    seat: ReservedSeatBody,
    issued_at: Timestamp,
    /// Whether its holder can transfer it now.
    transferable: bool,
    /// Whether its holder can cancel its seat now.
    cancellable: bool,
    /// How the date was moved after tickets were sold, if it was.
    moved: Option<MovedBody>,
    /// Why the date was cancelled, if it was.
    #[schema(example = json!(null))]
    schedule_cancel_reason: Option<String>,
}

impl TicketBody {
    pub(super) fn at(details: TicketDetails, now: Instant) -> Self {
        let TicketDetails { ticket, holder_name, seat, reservation, title, schedule, venue } =
            details;
        let (status, void_at, void_reason) = state_parts(&ticket.state);
        let is_payer = reservation.user_id == ticket.holder_id && !reservation.is_complimentary();
        let mut seat = ReservedSeat::from(&seat);
        if reservation.is_complimentary() {
            seat.price = Points::ZERO;
        }
        Self {
            id: ticket.id.0,
            number: ticket.number.to_string(),
            status,
            void_reason,
            void_at: void_at.map(Timestamp::from),
            check_in: ticket.check_in().map(CheckInBody::from),
            holder_name: holder_name.as_str().to_owned(),
            reservation_id: ticket.reservation_id.0,
            concert_id: ticket.concert_id.0,
            schedule_id: ticket.schedule_id.0,
            title: title.as_str().to_owned(),
            transferable: ticket.is_valid() && schedule.takes_place() && now < schedule.ends_at,
            cancellable: ticket.is_valid() && is_payer && schedule.is_cancellable(now),
            starts_at: schedule.starts_at.into(),
            ends_at: schedule.ends_at.into(),
            venue: venue.map(|venue| VenueOfSchedule::from(venue).into()),
            seat: seat.into(),
            issued_at: ticket.issued_at.into(),
            moved: schedule.moved.map(MovedBody::from),
            schedule_cancel_reason: schedule.cancelled.map(|it| it.reason.as_str().to_owned()),
        }
    }
}

pub(super) fn state_parts(
    state: &TicketState,
) -> (&'static str, Option<Instant>, Option<VoidReason>) {
    match state {
        TicketState::Valid => ("VALID", None, None),
        TicketState::CheckedIn(_) => ("CHECKED_IN", None, None),
        TicketState::Void { at, reason } => ("VOID", Some(*at), Some(*reason)),
    }
}

/// A ticket that was transferred.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TransferBody {
    id: Uuid,
    #[schema(example = "7K3MQ-9XF2D-6")]
    number: String,
    #[schema(example = "VOID")]
    status: &'static str,
    #[schema(value_type = Option<String>, example = "TRANSFERRED")]
    void_reason: Option<VoidReason>,
    void_at: Option<Timestamp>,
}

impl From<Ticket> for TransferBody {
    fn from(ticket: Ticket) -> Self {
        let (status, void_at, void_reason) = state_parts(&ticket.state);
        let void_at = void_at.map(Timestamp::from);
        Self { id: ticket.id.0, number: ticket.number.to_string(), status, void_reason, void_at }
    }
}

/// Which tickets.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct TicketQuery {
    /// Those of this reservation alone.
    #[param(value_type = Option<Uuid>)]
    reservation_id: Option<String>,
    /// The most items on the page, 1 to 100; 20 if it is left out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// The `nextCursor` of the page before.
    #[param(min_length = 1, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

async fn list(
    services: Data<Services>,
    user: SignedIn,
    query: Query<TicketQuery>,
) -> Result<Json<PageBody<TicketBody>>, ApiError> {
    let TicketQuery { reservation_id, limit, cursor } = query.into_inner();
    let of = reservation_id.map(|id| ids::parse_id(&id, "reservationId")).transpose()?;
    let page = PageQuery { limit, cursor };
    let (size, after) = (page.size()?, page.after()?.map(TicketId));
    let found = services.tickets.read.tickets(user.user_id, of, after, size).await?;
    let now = services.clock.now();
    Ok(Json(PageBody::of(found, |details| TicketBody::at(details, now))))
}

async fn find(
    services: Data<Services>,
    user: SignedIn,
    id: Path<String>,
) -> Result<Json<TicketBody>, ApiError> {
    let found = own::ticket(&services, &user, ids::parse_id(&id, "ticketId")?).await?;
    Ok(Json(TicketBody::at(found, services.clock.now())))
}

async fn qr_code(
    services: Data<Services>,
    user: SignedIn,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let TicketDetails { ticket, .. } =
        own::ticket(&services, &user, ids::parse_id(&id, "ticketId")?).await?;
    if ticket.is_void() {
        return Err(ApiError::TicketVoid);
    }
    let drawing = services.tickets.show.qr_code(&ticket).ok_or_else(|| {
        tracing::error!(request_id = %request_id::current(), "a code could not be drawn");
        ApiError::Internal
    })?;
    Ok(HttpResponse::Ok()
        .content_type("image/svg+xml")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(drawing))
}

async fn calendar(
    services: Data<Services>,
    user: SignedIn,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let details = own::ticket(&services, &user, ids::parse_id(&id, "ticketId")?).await?;
    let file = services.tickets.show.calendar(&details, services.clock.now());
    Ok(HttpResponse::Ok()
        .content_type("text/calendar; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"ticket.ics\""))
        .body(file))
}

/// To whom.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct RecipientBody {
    /// The address of the user who gets it.
    #[schema(format = "email", example = "friend@example.com")]
    email: String,
}

async fn transfer(
    services: Data<Services>,
    Account(holder_id): Account,
    id: Path<String>,
    key: IdempotencyKey,
    body: Body<RecipientBody>,
) -> Result<HttpResponse, ApiError> {
    let ticket_id = ids::parse_id(&id, "ticketId")?;
    let email = Email::parse(&body.value.email)?;
    let recipient = services.people.users.user_by_email(&email).await?;
    let command = TransferTicket {
        ticket_id,
        holder_id,
        recipient_id: recipient.map(|user| user.id),
        new: commands::new_ticket()?,
    };
    let submission = key.submission(holder_id, &body.bytes, command);
    let old = services.tickets.transfer_ticket.submit(submission).await??;
    Ok(HttpResponse::Created().json(TransferBody::from(old)))
}

async fn cancel(
    services: Data<Services>,
    user: SignedIn,
    id: Path<String>,
    key: IdempotencyKey,
) -> Result<HttpResponse, ApiError> {
    let command = CancelTicket {
        entry_id: PointEntryId(ids::new_uuid()),
        ticket_id: ids::parse_id(&id, "ticketId")?,
        user_id: user.user_id,
    };
    let submission = key.submission(user.user_id, &[], command);
    let refunded = services.tickets.cancel_ticket.submit(submission).await??;
    Ok(HttpResponse::Created().json(CancellationBody::from(refunded)))
}
