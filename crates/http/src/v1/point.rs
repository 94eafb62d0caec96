//! Points: the wallet.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Query};
use serde::{Deserialize, Serialize};
use stagedoor_domain::operations::ChangePoints;
use stagedoor_domain::{PageSize, PointEntry, PointKind, Points};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::{Access, SignedIn};
use crate::edge::Action;
use crate::route::{Route, get, object, page, post, tagged};
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::shared::commands::{self, DirectCharges};
use crate::wire::{
    ApiError, Body, IdempotencyKey, PageBody, PageQuery, Resource, Timestamp, Whole,
};

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    use ApiError::*;

    let routes = vec![
        get("/points", balance)
            .operation("readBalance", "Read one's balance.")
            .access(Access::AnyToken)
            .response(200, object::<BalanceBody>())
            .refuses(&[NotFound(Resource::User)]),
        get("/points/history", history)
            .operation("listPointEntries", "List the changes of one's balance, newest first.")
            .access(Access::AnyToken)
            .response(200, page::<PointEntryBody>()),
        post("/points/charges", charge)
            .operation(
                "chargePoints",
                "Charge points: only in open mode, or where the setting `direct-charges` is on.",
            )
            .access(Access::AnyToken)
            .limit(Action::ChangePoints)
            .response(201, object::<PointsChangedBody>())
            .refuses(&[NotFound(Resource::User), BalanceTooLarge]),
        post("/points/uses", spend)
            .operation("usePoints", "Use points.")
            .access(Access::AnyToken)
            .limit(Action::ChangePoints)
            .response(201, object::<PointsChangedBody>())
            .refuses(&[NotFound(Resource::User), InsufficientPoints]),
    ];
    tagged("wallet", routes)
}

/// A number of points.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AmountBody {
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 10000, value_type = i64)]
    amount: Whole,
}

impl AmountBody {
    fn points(&self) -> Result<Points, ApiError> {
        Ok(Points::positive(self.amount.0, "amount")?)
    }
}

/// A balance.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BalanceBody {
    #[schema(example = 10000)]
    balance: i64,
    /// Whether `POST /points/charges` is enabled on this service.
    direct_charges: bool,
    /// When the account was opened.
    created_at: Timestamp,
    /// When the balance last changed.
    updated_at: Timestamp,
}

/// A change of a balance.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PointEntryBody {
    id: Uuid,
    #[schema(value_type = String, example = "CHARGE")]
    kind: PointKind,
    /// Always above zero.
    #[schema(example = 10000)]
    amount: i64,
    #[schema(example = 10000)]
    balance_after: i64,
    /// The payment it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_id: Option<Uuid>,
    created_at: Timestamp,
}

/// A new change, and the balance after it.
#[derive(Serialize, ToSchema)]
pub(crate) struct PointsChangedBody {
    entry: PointEntryBody,
    #[schema(example = 5000)]
    balance: i64,
}

impl From<PointEntry> for PointEntryBody {
    fn from(entry: PointEntry) -> Self {
        Self {
            id: entry.id.0,
            kind: entry.kind,
            amount: entry.amount.get(),
            balance_after: entry.balance_after.get(),
            payment_id: entry.payment_id.map(|id| id.0),
            created_at: entry.created_at.into(),
        }
    }
}

async fn balance(
    services: Data<Services>,
    settings: Data<HttpSettings>,
    user: SignedIn,
) -> Result<Json<BalanceBody>, ApiError> {
    let no_user = || ApiError::NotFound(Resource::User);
    let accounts = &services.point_accounts;
    let account = accounts.point_account(user.user_id).await?.ok_or_else(no_user)?;
    let entries = accounts.point_entries(user.user_id, None, PageSize::ONE).await?.items;
    let owner = services.people.users.user(user.user_id).await?.ok_or_else(no_user)?;
    let updated_at = entries.first().map_or(owner.created_at, |newest| newest.created_at);
    Ok(Json(BalanceBody {
        balance: account.balance.get(),
        direct_charges: settings.direct_charges,
        created_at: owner.created_at.into(),
        updated_at: updated_at.into(),
    }))
}

async fn history(
    services: Data<Services>,
    user: SignedIn,
    page: Query<PageQuery>,
) -> Result<Json<PageBody<PointEntryBody>>, ApiError> {
    let (size, after) = (page.size()?, page.after()?);
    let entries = services.point_accounts.point_entries(user.user_id, after, size).await?;
    Ok(Json(PageBody::of(entries, PointEntryBody::from)))
}

async fn charge(
    services: Data<Services>,
    user: SignedIn,
    direct_charges: DirectCharges,
    key: IdempotencyKey,
    body: Body<AmountBody>,
) -> Result<HttpResponse, ApiError> {
    let command = commands::charge(direct_charges, user.user_id, body.value.points()?);
    change(&services, key, &body, command).await
}

async fn spend(
    services: Data<Services>,
    user: SignedIn,
    key: IdempotencyKey,
    body: Body<AmountBody>,
) -> Result<HttpResponse, ApiError> {
    let command = commands::spend(user.user_id, body.value.points()?);
    change(&services, key, &body, command).await
}

async fn change(
    services: &Services,
    key: IdempotencyKey,
    body: &Body<AmountBody>,
    command: ChangePoints,
) -> Result<HttpResponse, ApiError> {
    let submission = key.submission(command.user_id, &body.bytes, command);
    let changed = services.change_points.submit(submission).await??;
    Ok(HttpResponse::Created().json(PointsChangedBody {
        balance: changed.entry.balance_after.get(),
        entry: changed.entry.into(),
    }))
}
