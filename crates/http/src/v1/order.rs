//! Reservations as staff see them: with their holders, to be searched, exported and ended.

mod csv;

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};
use serde::{Deserialize, Serialize};
use stagedoor_domain::operations::CancelByStaff;
use stagedoor_domain::ports::{Order, OrderQuery, OrderText};
use stagedoor_domain::{
    ConcertId, Instant, OperatorActionId, PointEntryId, ReservationId, Submission, UserId, UserPart,
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::managed_schedule::ReasonBody;
use super::reservation::{ReservationBody, status_named};
use crate::auth::authorization::{self, Manager};
use crate::auth::{Access, Account};
use crate::route::{Route, get, object, page, post, tagged, text};
use crate::services::Services;
use crate::wire::{ApiError, Body, PageBody, PageQuery, RequiredAccess, Resource, Timestamp, ids};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let of_managers = [
        Forbidden(RequiredAccess::OwnConcert),
        Forbidden(RequiredAccess::Operator),
        NotFound(Resource::Concert),
    ];
    let routes = vec![
        get("/orders", list)
            .operation("listOrders", "Search reservations and their holders, newest first.")
            .description(
                "Operators search all concerts, and each holder whose data they read is recorded. \
                 Organizers name a concert of their own.",
            )
            .access(Access::Account)
            .response(200, page::<OrderBody>())
            .refuses(&of_managers),
        get("/concerts/{concertId}/attendees.csv", csv::export)
            .operation("exportAttendees", "Export the attendees of a concert, one line for each paid seat.")
            .description(
                "For the organizer of the concert and operators. `section` is the label of the section, \
                 `row_label` and `seat_number` are what is printed for the seat, `row`, `column` and \
                 `seat` are those of the API. UTF-8 with a byte order mark, \
                 lines end in CR LF (RFC 4180). A cell that begins with `=`, `+`, `-`, `@`, a tab \
                 or a line break gets an apostrophe before it, so that a spreadsheet takes it for text.",
            )
            .access(Access::Account)
            .limit(crate::edge::Action::Export)
            .response(200, text("text/csv").described("A table with a heading"))
            .refuses(&of_managers),
        post("/orders/{reservationId}/cancellation", cancel)
            .operation("cancelOrder", "Release a user's hold, cancel and refund a ticket, or cancel a complimentary one.")
            .description(
                "For the organizer of the concert and operators, whatever the deadline for \
                 cancellation. It is recorded with its reason.",
            )
            .access(Access::Account)
            .response(200, object::<ReservationBody>())
            .refuses(&[
                Forbidden(RequiredAccess::OwnConcert),
                NotFound(Resource::Reservation),
                ReservationCancelled,
                BalanceTooLarge,
                HoldExpired,
            ]),
    ];
    tagged("orders", routes)
}

/// A reservation with its holder.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrderBody {
    reservation: ReservationBody,
    holder: HolderBody,
    /// When the performance starts.
    starts_at: Timestamp,
}

/// Who made a reservation.
#[derive(Serialize, ToSchema)]
pub(crate) struct HolderBody {
    id: Uuid,
    #[schema(example = "김팬")]
    name: String,
    #[schema(example = "fan@example.com")]
    email: String,
}

impl OrderBody {
    fn at(order: Order, now: Instant) -> Self {
        let holder = HolderBody {
            id: order.holder.id.0,
            name: order.holder.name.as_str().to_owned(),
            email: order.holder.email.as_str().to_owned(),
        };
        let reservation = ReservationBody::at(order.reservation, now);
        Self { reservation, holder, starts_at: order.starts_at.into() }
    }
}

/// Which orders.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct OrdersQuery {
    /// The number of a ticket, the number of a seat, the id of a reservation, or else a seat as it is printed (`Stalls B 12`, `B-12`) or a part of the holder's name or e-mail address.
    #[param(min_length = 1, max_length = 100, pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$")]
    q: Option<String>,
    /// Of this concert; required of organizers.
    #[param(value_type = Option<Uuid>)]
    concert_id: Option<String>,
    /// Of this date.
    #[param(value_type = Option<Uuid>)]
    schedule_id: Option<String>,
    /// `HELD`, `CONFIRMED`, `EXPIRED` or `CANCELLED`.
    #[param(pattern = "^(HELD|CONFIRMED|EXPIRED|CANCELLED)$")]
    status: Option<String>,
    /// The most items on the page, 1 to 100; 20 if it is left out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// The `nextCursor` of the page before.
    #[param(min_length = 1, pattern = "^[A-Za-z0-9_-]+$")]
    cursor: Option<String>,
}

impl OrdersQuery {
    fn parse(self) -> Result<(OrderQuery, PageQuery), ApiError> {
        let concert_id = self.concert_id.map(|id| ids::parse_id(&id, "concertId")).transpose()?;
        let schedule_id =
            self.schedule_id.map(|id| ids::parse_id(&id, "scheduleId")).transpose()?;
        let query = OrderQuery {
            concert_id,
            schedule_id,
            status: self.status.as_deref().map(status_named).transpose()?,
            text: self.q.as_deref().map(OrderText::parse).transpose()?,
        };
        Ok((query, PageQuery { limit: self.limit, cursor: self.cursor }))
    }
}

/// Who reads orders.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    Organizer,
    Operator(UserId),
}

impl Reader {
    /// Checks that a user may read orders of a concert, or of all concerts.
    async fn check(
        services: &Services,
        user_id: UserId,
        concert_id: Option<ConcertId>,
    ) -> Result<Self, ApiError> {
        let Some(concert_id) = concert_id else {
            authorization::check_operates(services, user_id).await?;
            return Ok(Self::Operator(user_id));
        };
        let otherwise = RequiredAccess::OwnConcert;
        Ok(match authorization::check(services, user_id, concert_id, otherwise).await? {
            Manager::Operator => Self::Operator(user_id),
            Manager::Organizer => Self::Organizer,
        })
    }

    /// Records whose data an operator reads; organizers read of their own concerts.
    async fn record(self, services: &Services, orders: &[Order]) -> Result<(), ApiError> {
        let Self::Operator(operator_id) = self else { return Ok(()) };
        let mut holders: Vec<UserId> = orders.iter().map(|order| order.holder.id).collect();
        holders.sort_unstable();
        holders.dedup();
        let records = holders.into_iter().map(|holder| {
            authorization::record_read(services, operator_id, holder, UserPart::Reservations)
        });
        futures_util::future::try_join_all(records).await?;
        Ok(())
    }
}

async fn list(
    services: Data<Services>,
    Account(user_id): Account,
    query: Query<OrdersQuery>,
) -> Result<Json<PageBody<OrderBody>>, ApiError> {
    let (wanted, page) = query.into_inner().parse()?;
    let (size, after) = (page.size()?, page.after()?.map(ReservationId));
    let reader = Reader::check(&services, user_id, wanted.concert_id).await?;
    let now = services.clock.now();
    let found = services.orders.orders(&wanted, after, size, now).await?;
    reader.record(&services, &found.items).await?;
    Ok(Json(PageBody::of(found, |order| OrderBody::at(order, now))))
}

async fn cancel(
    services: Data<Services>,
    Account(manager_id): Account,
    id: Path<String>,
    body: Body<ReasonBody>,
) -> Result<HttpResponse, ApiError> {
    let command = CancelByStaff {
        action_id: OperatorActionId(ids::new_uuid()),
        entry_id: PointEntryId(ids::new_uuid()),
        reservation_id: ids::parse_id(&id, "reservationId")?,
        manager_id,
        reason: body.value.parse()?,
    };
    let ended = services.staff.cancel_by_staff.submit(Submission::new(command)).await??;
    Ok(HttpResponse::Ok().json(ReservationBody::at(ended, services.clock.now())))
}

#[cfg(test)]
mod tests;
