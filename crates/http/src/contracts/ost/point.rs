//! Points.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path};
use serde::{Deserialize, Serialize};
use stagedoor_domain::operations::ChangePoints;
use stagedoor_domain::{PointKind, Points};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::{Access, SignedIn};
use crate::contracts::all;
use crate::edge::Action;
use crate::route::{Route, array, get, nothing, object, patch, tagged};
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::shared::commands::{self, DirectCharges};
use crate::wire::{ApiError, Body, IdempotencyKey, RequiredAccess, Resource, Whole};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let routes = vec![
        get("/point/{userId}", find)
            .operation("ostPoint", "Read one's own balance.")
            .access(Access::AnyToken)
            .path_text("userId", None)
            .response(200, object::<Point>())
            .refuses(&[Forbidden(RequiredAccess::Oneself), NotFound(Resource::User)]),
        get("/point/history/{userId}", history)
            .operation("ostPointHistory", "List the changes of one's own balance, newest first.")
            .access(Access::AnyToken)
            .path_text("userId", None)
            .response(200, array::<PointHistory>())
            .refuses(&[Forbidden(RequiredAccess::Oneself), NotFound(Resource::User)]),
        patch("/point/charge", charge)
            .operation("ostCharge", "Charge points.")
            .access(Access::AnyToken)
            .limit(Action::ChangePoints)
            .response(200, nothing("They are charged"))
            .refuses(&[
                Forbidden(RequiredAccess::Oneself),
                NotFound(Resource::User),
                InsufficientPoints,
                BalanceTooLarge,
            ]),
        patch("/point/use", spend)
            .operation("ostUse", "Use points.")
            .access(Access::AnyToken)
            .limit(Action::ChangePoints)
            .response(200, nothing("They are used"))
            .refuses(&[
                Forbidden(RequiredAccess::Oneself),
                NotFound(Resource::User),
                InsufficientPoints,
                BalanceTooLarge,
            ]),
    ];
    tagged("contract: ost", routes)
}

/// The owner, and how many points.
#[derive(Deserialize, ToSchema)]
#[schema(as = OstChange)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Change {
    #[schema(format = "uuid")]
    user_id: String,
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 10000, value_type = i64)]
    amount: Whole,
}

impl Change {
    /// The points, if the user is the caller.
    fn points(&self, user: &SignedIn) -> Result<Points, ApiError> {
        user.check_is(&self.user_id)?;
        Ok(Points::positive(self.amount.0, "amount")?)
    }
}

/// A balance. A user has one account, so that both have one id.
#[derive(Serialize, ToSchema)]
#[schema(as = OstPoint)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Point {
    point_id: Uuid,
    user_id: Uuid,
    #[schema(example = 10000)]
    point: i64,
}

/// A change of a balance.
#[derive(Serialize, ToSchema)]
#[schema(as = OstPointHistory)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PointHistory {
    point_history_id: Uuid,
    /// The payment it belongs to, if any.
    payment_id: Option<Uuid>,
    point_id: Uuid,
    user_id: Uuid,
    #[schema(example = 10000)]
    amount: i64,
    /// `CHARGE`, also for refunded points, or `USE`.
    #[schema(example = "CHARGE")]
    status: &'static str,
    #[schema(example = "2026-12-01T10:05:00")]
    create_at: String,
}

async fn find(
    services: Data<Services>,
    user: SignedIn,
    id: Path<String>,
) -> Result<Json<Point>, ApiError> {
    user.check_is(&id)?;
    let account = services.point_accounts.point_account(user.user_id).await?;
    let account = account.ok_or(ApiError::NotFound(Resource::User))?;
    let id = account.user_id.0;
    Ok(Json(Point { point_id: id, user_id: id, point: account.balance.get() }))
}

async fn history(
    services: Data<Services>,
    settings: Data<HttpSettings>,
    user: SignedIn,
    id: Path<String>,
) -> Result<Json<Vec<PointHistory>>, ApiError> {
    user.check_is(&id)?;
    let accounts = &services.point_accounts;
    let read = async |after, size| accounts.point_entries(user.user_id, after, size).await;
    let history = all(read).await?.into_iter().map(|entry| PointHistory {
        point_history_id: entry.id.0,
        payment_id: entry.payment_id.map(|id| id.0),
        point_id: entry.user_id.0,
        user_id: entry.user_id.0,
        amount: entry.amount.get(),
        status: match entry.kind {
            PointKind::Charge | PointKind::Refund => "CHARGE",
            PointKind::Use => "USE",
        },
        create_at: settings.local_time.date_time(entry.created_at),
    });
    Ok(Json(history.collect()))
}

async fn charge(
    services: Data<Services>,
    user: SignedIn,
    direct_charges: DirectCharges,
    key: IdempotencyKey,
    body: Body<Change>,
) -> Result<HttpResponse, ApiError> {
    let command = commands::charge(direct_charges, user.user_id, body.value.points(&user)?);
    change(&services, key, &body, command).await
}

async fn spend(
    services: Data<Services>,
    user: SignedIn,
    key: IdempotencyKey,
    body: Body<Change>,
) -> Result<HttpResponse, ApiError> {
    let command = commands::spend(user.user_id, body.value.points(&user)?);
    change(&services, key, &body, command).await
}

async fn change(
    services: &Services,
    key: IdempotencyKey,
    body: &Body<Change>,
    command: ChangePoints,
) -> Result<HttpResponse, ApiError> {
    let submission = key.submission(command.user_id, &body.bytes, command);
    services.change_points.submit(submission).await??;
    Ok(HttpResponse::Ok().finish())
}
