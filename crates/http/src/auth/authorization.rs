//! Authorization: what operators may do, and organizers with their own concerts (rule 18).

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, Ready, ready};
use stagedoor_domain::concert::NotOwn;
use stagedoor_domain::operations::ReadUser;
use stagedoor_domain::use_cases::QueuePass;
use stagedoor_domain::{Concert, ConcertId, OperatorActionId, Submission, UserId, UserPart};

use crate::auth::bearer::{self, Account, Caller, bearer};
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::wire::error::{ApiError, RequiredAccess, Resource};
use crate::wire::ids;

/// An operator, signed in by an access token.
pub(crate) struct Operator(pub(crate) UserId);

impl FromRequest for Operator {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let account = Account::from_request(req, payload).into_inner();
        let services = req.app_data::<web::Data<Services>>().cloned();
        async move {
            let Account(user_id) = account?;
            check_operates(&*services.ok_or(ApiError::Internal)?, user_id).await?;
            Ok(Self(user_id))
        }
        .boxed_local()
    }
}

/// The sender of the metrics token, or an operator.
pub(crate) struct MetricsReader;

impl FromRequest for MetricsReader {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let settings = req.app_data::<web::Data<HttpSettings>>();
        let known = settings.and_then(|settings| settings.metrics_token.as_ref());
        if known.is_some_and(|known| bearer::token(req).is_some_and(|token| known.is(token))) {
            return async { Ok(Self) }.boxed_local();
        }
        let operator = Operator::from_request(req, payload);
        async move { operator.await.map(|_| Self) }.boxed_local()
    }
}

/// Checks that a user is an operator.
pub(crate) async fn check_operates(services: &Services, user_id: UserId) -> Result<(), ApiError> {
    let operates = operates(services, user_id).await?;
    if operates { Ok(()) } else { Err(ApiError::Forbidden(RequiredAccess::Operator)) }
}

/// Records that an operator reads another user's data. The data may be shown only after it.
pub(crate) async fn record_read(
    services: &Services,
    operator_id: UserId,
    user_id: UserId,
    part: UserPart,
) -> Result<(), ApiError> {
    let action_id = OperatorActionId(ids::new_uuid());
    let command = ReadUser { action_id, operator_id, user_id, part };
    Ok(services.read_user.submit(Submission::new(command)).await??)
}

async fn operates(services: &Services, user_id: UserId) -> Result<bool, ApiError> {
    let user = services.people.users.user(user_id).await?;
    Ok(user.is_some_and(|user| user.role.may_operate()))
}

/// As what a user manages a concert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manager {
    Operator,
    Organizer,
}

/// Checks that a user is an operator or the concert's own organizer.
///
/// # Errors
/// There is no such concert, or it is another organizer's draft, or `otherwise`.
pub(crate) async fn check(
    services: &Services,
    user_id: UserId,
    concert_id: ConcertId,
    otherwise: RequiredAccess,
) -> Result<Manager, ApiError> {
    if operates(services, user_id).await? {
        return Ok(Manager::Operator);
    }
    let listing = services.concerts.concert(concert_id, services.clock.now()).await?;
    let concert = listing.ok_or(ApiError::NotFound(Resource::Concert))?.concert;
    match concert.check_own(user_id) {
        Ok(()) => Ok(Manager::Organizer),
        Err(NotOwn::AnotherOrganizers) => Err(ApiError::Forbidden(otherwise)),
        Err(refused @ NotOwn::NotFound) => Err(refused.into()),
    }
}

/// Whether a caller sees a concert: a draft is shown to its organizer and to operators alone.
pub(crate) async fn sees(
    services: &Services,
    caller: &Caller,
    concert: &Concert,
) -> Result<bool, ApiError> {
    if concert.state.is_public() {
        return Ok(true);
    }
    let Some(user_id) = caller.0 else { return Ok(false) };
    Ok(concert.organizer_id == user_id || operates(services, user_id).await?)
}

/// A caller who wants to see a concert's dates and seats: with an active queue token (rule 7), or as an
/// operator or the concert's organizer.
pub(crate) enum Viewer {
    /// By a queue token, in any state.
    Pass(QueuePass),
    /// By an access token.
    Account(UserId),
}

impl FromRequest for Viewer {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(bearer(req).map(|bearer| match bearer.pass {
            Some(pass) => Self::Pass(pass),
            None => Self::Account(bearer.user_id),
        }))
    }
}

impl Viewer {
    pub(crate) fn user_id(&self) -> UserId {
        match self {
            Self::Pass(pass) => pass.user_id,
            Self::Account(user_id) => *user_id,
        }
    }

    /// As [`Self::check`], for a date: one of a draft is told as if it did not exist.
    pub(crate) async fn check_date(
        &self,
        services: &Services,
        concert_id: ConcertId,
    ) -> Result<(), ApiError> {
        self.check(services, concert_id).await.map_err(ApiError::of_date)
    }

    /// Checks that the concert's dates and seats may be seen.
    pub(crate) async fn check(
        &self,
        services: &Services,
        concert_id: ConcertId,
    ) -> Result<(), ApiError> {
        match self {
            Self::Pass(pass) => Ok(services.admission.check(pass, concert_id).await??),
            Self::Account(user_id) => {
                check(services, *user_id, concert_id, RequiredAccess::QueueToken).await.map(drop)
            }
        }
    }
}
