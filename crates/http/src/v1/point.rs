//! Points: the wallet.

use actix_web::web::{Data, Json, Query};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use stagedoor_domain::operations::ChangePoints;
use stagedoor_domain::{PageSize, PointEntry, PointKind, Points};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::bearer::SignedIn;
use crate::edge::rate_limits::{Allowance, ChangingPoints};
use crate::openapi::refusals::refusals;
use crate::services::{HttpSettings, Services};
use crate::shared::commands;
use crate::shared::direct_charges::DirectCharges;
use crate::wire::body::{Body, Whole};
use crate::wire::error::{ApiError, Noun};
use crate::wire::idempotency_key::IdempotencyKey;
use crate::wire::paging::{PageBody, PageQuery};
use crate::wire::timestamps::Timestamp;

/// How many points.
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

/// A line of the history.
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

/// A new line of the history, and the balance after it.
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

refusals! {
    BalanceErrors {
        "401": "`UNAUTHENTICATED`",
        "404": "`USER_NOT_FOUND`",
    }
    HistoryErrors {
        "400": "`VALIDATION`",
        "401": "`UNAUTHENTICATED`",
    }
    ChargeErrors {
        "400": "`VALIDATION`",
        "401": "`UNAUTHENTICATED`",
        "403": "`CHARGES_DISABLED`",
        "404": "`USER_NOT_FOUND`",
        "409": "`BALANCE_TOO_LARGE`",
        "422": "`IDEMPOTENCY_MISMATCH`",
    }
    SpendErrors {
        "400": "`VALIDATION`",
        "401": "`UNAUTHENTICATED`",
        "404": "`USER_NOT_FOUND`",
        "409": "`INSUFFICIENT_POINTS`",
        "422": "`IDEMPOTENCY_MISMATCH`",
    }
}

/// Read one's balance.
#[utoipa::path(
    tag = "wallet",
    operation_id = "readBalance",
    security(("accessToken" = []), ("queueToken" = [])),
    responses(
        (status = 200, body = BalanceBody),
        BalanceErrors,
    )
)]
#[get("/points")]
pub(crate) async fn balance(
    services: Data<Services>,
    settings: Data<HttpSettings>,
    user: SignedIn,
) -> Result<Json<BalanceBody>, ApiError> {
    let no_user = || ApiError::NotFound(Noun::User);
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

/// List what happened to one's balance, newest first.
#[utoipa::path(
    tag = "wallet",
    operation_id = "listPointEntries",
    security(("accessToken" = []), ("queueToken" = [])),
    params(PageQuery),
    responses(
        (status = 200, body = PageBody<PointEntryBody>),
        HistoryErrors,
    )
)]
#[get("/points/history")]
pub(crate) async fn history(
    services: Data<Services>,
    user: SignedIn,
    page: Query<PageQuery>,
) -> Result<Json<PageBody<PointEntryBody>>, ApiError> {
    let (size, after) = (page.size()?, page.after()?);
    let entries = services.point_accounts.point_entries(user.user_id, after, size).await?;
    Ok(Json(PageBody::of(entries, PointEntryBody::from)))
}

/// Charge points: only in open mode, or where the setting `direct-charges` is on.
#[utoipa::path(
    tag = "wallet",
    operation_id = "chargePoints",
    request_body = AmountBody,
    security(("accessToken" = []), ("queueToken" = [])),
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$", description = "Makes a repetition harmless")),
    responses(
        (status = 201, body = PointsChangedBody),
        ChargeErrors,
    )
)]
#[post("/points/charges")]
pub(crate) async fn charge(
    _: Allowance<ChangingPoints>,
    services: Data<Services>,
    user: SignedIn,
    direct_charges: DirectCharges,
    key: IdempotencyKey,
    body: Body<AmountBody>,
) -> Result<HttpResponse, ApiError> {
    let command = commands::charge(direct_charges, user.user_id, body.value.points()?);
    change(&services, key, &body, command).await
}

/// Use points.
#[utoipa::path(
    tag = "wallet",
    operation_id = "usePoints",
    request_body = AmountBody,
    security(("accessToken" = []), ("queueToken" = [])),
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$", description = "Makes a repetition harmless")),
    responses(
        (status = 201, body = PointsChangedBody),
        SpendErrors,
    )
)]
#[post("/points/uses")]
pub(crate) async fn spend(
    _: Allowance<ChangingPoints>,
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
    let request = key.request(command.user_id, &body.bytes, command);
    let changed = services.change_points.submit(request).await??;
    Ok(HttpResponse::Created().json(PointsChangedBody {
        balance: changed.entry.balance_after.get(),
        entry: changed.entry.into(),
    }))
}
