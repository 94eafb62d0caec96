//! Changing and cancelling a date, for the organizer of its concert and for operators.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::{Deserialize, Serialize};
use stagedoor_domain::operations::{CancelSchedule, EditSchedule, TermsEdit};
use stagedoor_domain::ports::Settlement;
use stagedoor_domain::{
    OperatorActionId, Reason, Schedule, ScheduleId, Submission, TicketLimit, UserId,
};
use utoipa::ToSchema;

use super::schedule::ScheduleBody;
use crate::auth::{Access, Account, authorization};
use crate::route::{Route, get, object, patch, post, tagged};
use crate::services::Services;
use crate::wire::{
    ApiError, Body, IfMatch, RequiredAccess, Resource, Timestamp, Whole, entity_tag, given, ids,
};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let refusals = [Forbidden(RequiredAccess::OwnConcert), NotFound(Resource::Schedule)];
    let routes = vec![
        get("/schedules/{scheduleId}", find)
            .operation("readSchedule", "Read a date, as the organizer of its concert or an operator.")
            .access(Access::Account)
            .response(200, object::<ScheduleBody>())
            .response_header("ETag")
            .refuses(&refusals),
        patch("/schedules/{scheduleId}", edit)
            .operation("editSchedule", "Change a date, as the organizer of its concert or an operator.")
            .description(
                "When the performance starts or ends at another time and tickets are sold, the date \
                 has been moved: holders can cancel until `refundableUntil`, whatever the deadline \
                 for cancellation, and their reservations tell it.",
            )
            .access(Access::Account)
            .response(200, object::<ScheduleBody>())
            .response_header("ETag")
            .refuses(&refusals)
            .refuses(&[ScheduleCancelled]),
        post("/schedules/{scheduleId}/cancellation", cancel)
            .operation("cancelSchedule", "Cancel a date, as the organizer of its concert or an operator.")
            .description(
                "Nothing is sold of it from now on, and there is no way back. All its tickets are \
                 refunded within seconds; read the cancellation to see how far that has come. \
                 Cancelling again changes nothing.",
            )
            .access(Access::Account)
            .response(200, object::<ScheduleCancellationBody>())
            .refuses(&refusals),
        get("/schedules/{scheduleId}/cancellation", read_cancellation)
            .operation("readScheduleCancellation", "Read how far the refunds of a cancelled date have come.")
            .access(Access::Account)
            .response(200, object::<ScheduleCancellationBody>())
            .refuses(&refusals)
            .refuses(&[NotFound(Resource::Cancellation)]),
    ];
    tagged("concerts", routes)
}

/// New values for any of these fields. One that is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct ScheduleEditBody {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, format = DateTime, required = false, example = "2026-12-24T10:00:00Z")]
    starts_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, format = DateTime, required = false, example = "2026-12-24T12:00:00Z")]
    ends_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, format = DateTime, required = false, example = "2026-11-21T10:00:00Z")]
    booking_opens_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, format = DateTime, required = false, example = "2026-12-24T10:00:00Z")]
    booking_closes_at: Option<Timestamp>,
    /// Until when paid reservations may be cancelled; null means never.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-12-17T10:00:00Z")]
    cancellation_closes_at: Option<Option<Timestamp>>,
    /// How many tickets one person may have of this date. Tickets that are sold stay sold.
    #[serde(default, deserialize_with = "given")]
    #[schema(minimum = 1, maximum = 1_000, value_type = i32, required = false, example = 4)]
    max_tickets_per_person: Option<Whole>,
    /// After a move, until when holders can cancel because of it: after now, and not after the new start, which
    /// it is when this is left out.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, format = DateTime, required = false, example = "2026-12-20T10:00:00Z")]
    refundable_until: Option<Timestamp>,
}

impl ScheduleEditBody {
    fn edit(&self) -> Result<TermsEdit, ApiError> {
        let limit = self.max_tickets_per_person;
        let limit = limit.map(|Whole(tickets)| TicketLimit::parse(tickets));
        let instant = |timestamp: Option<Timestamp>| timestamp.map(|Timestamp(at)| at);
        Ok(TermsEdit {
            starts_at: instant(self.starts_at),
            ends_at: instant(self.ends_at),
            booking_opens_at: instant(self.booking_opens_at),
            booking_closes_at: instant(self.booking_closes_at),
            cancellation_closes_at: self.cancellation_closes_at.map(instant),
            ticket_limit: limit.transpose()?,
            refundable_until: instant(self.refundable_until),
        })
    }
}

/// Why a date is cancelled.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReasonBody {
    /// In words for the holders of tickets.
    #[schema(
        min_length = 1,
        max_length = 300,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u2800\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb][^\\u0000-\\u001f\\u007f-\\u009f]*$",
        example = "The singer is ill."
    )]
    reason: String,
}

impl ReasonBody {
    pub(super) fn parse(&self) -> Result<Reason, ApiError> {
        Ok(Reason::parse(&self.reason)?)
    }
}

/// A cancelled date, and how far its refunds have come.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScheduleCancellationBody {
    cancelled_at: Timestamp,
    #[schema(example = "The singer is ill.")]
    reason: String,
    /// How many paid reservations were cancelled and refunded since.
    #[schema(example = 480)]
    refunded: i64,
    /// How many paid reservations are still to be refunded.
    #[schema(example = 20)]
    to_refund: i64,
    /// The number of holds and of reservations of complimentary tickets that are still to be ended.
    #[schema(example = 0)]
    to_release: i64,
}

pub(super) async fn managed(
    services: &Services,
    user_id: UserId,
    id: ScheduleId,
) -> Result<Schedule, ApiError> {
    let found = services.schedules.schedule(id).await?;
    let schedule = found.ok_or(ApiError::NotFound(Resource::Schedule))?;
    let otherwise = RequiredAccess::OwnConcert;
    let checked = authorization::check(services, user_id, schedule.concert_id, otherwise).await;
    checked.map_err(ApiError::of_date)?;
    Ok(schedule)
}

async fn listed(services: &Services, id: ScheduleId) -> Result<HttpResponse, ApiError> {
    let found = services.schedules.schedule_listing(id, services.clock.now()).await?;
    let listing = found.ok_or(ApiError::NotFound(Resource::Schedule))?;
    let tag = entity_tag(listing.schedule.version);
    Ok(HttpResponse::Ok().insert_header(tag).json(ScheduleBody::from(listing)))
}

async fn find(
    services: Data<Services>,
    Account(user_id): Account,
    id: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let id = ids::parse_id(&id, "scheduleId")?;
    managed(&services, user_id, id).await?;
    listed(&services, id).await
}

async fn edit(
    services: Data<Services>,
    Account(editor_id): Account,
    id: Path<String>,
    expected: IfMatch,
    body: Body<ScheduleEditBody>,
) -> Result<HttpResponse, ApiError> {
    let schedule_id = ids::parse_id(&id, "scheduleId")?;
    let command = EditSchedule {
        action_id: OperatorActionId(ids::new_uuid()),
        schedule_id,
        editor_id,
        expected: expected.0,
        edit: body.value.edit()?,
    };
    services.staff.edit_schedule.submit(Submission::new(command)).await??;
    listed(&services, schedule_id).await
}

async fn cancel(
    services: Data<Services>,
    Account(manager_id): Account,
    id: Path<String>,
    body: Body<ReasonBody>,
) -> Result<Json<ScheduleCancellationBody>, ApiError> {
    let command = CancelSchedule {
        action_id: OperatorActionId(ids::new_uuid()),
        schedule_id: ids::parse_id(&id, "scheduleId")?,
        manager_id,
        reason: body.value.parse()?,
    };
    let schedule = services.staff.cancel_schedule.submit(Submission::new(command)).await??;
    cancellation(&services, &schedule).await
}

async fn read_cancellation(
    services: Data<Services>,
    Account(user_id): Account,
    id: Path<String>,
) -> Result<Json<ScheduleCancellationBody>, ApiError> {
    let id = ids::parse_id(&id, "scheduleId")?;
    let schedule = managed(&services, user_id, id).await?;
    cancellation(&services, &schedule).await
}

async fn cancellation(
    services: &Services,
    schedule: &Schedule,
) -> Result<Json<ScheduleCancellationBody>, ApiError> {
    let cancelled = schedule.cancelled.as_ref();
    let cancelled = cancelled.ok_or(ApiError::NotFound(Resource::Cancellation))?;
    let Settlement { refunded, tickets, holds } =
        services.schedules.settlement(schedule.id).await?;
    Ok(Json(ScheduleCancellationBody {
        cancelled_at: cancelled.at.into(),
        reason: cancelled.reason.as_str().to_owned(),
        refunded,
        to_refund: tickets,
        to_release: holds,
    }))
}

#[cfg(test)]
mod tests;
