//! Issuing queue tokens.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use stagedoor_domain::operations::{JoinRoom, Joined};
use stagedoor_domain::use_cases::{QueuePosition, SignUp};
use stagedoor_domain::{
    ConcertId, Email, Idempotency, PersonName, QueueTokenId, Role, RoomId, ScheduleId, Submission,
    UserId,
};

use crate::auth::bearer::{SignedIn, bearer};
use crate::auth::signing_keys::{QueueTokenOf, SigningKeys};
use crate::edge::rate_limits::{Action, Allowance};
use crate::services::Services;
use crate::settings::HttpSettings;
use crate::wire::error::{ApiError, Resource};
use crate::wire::ids;

/// The refusals of joining a room.
pub(crate) const JOIN_REFUSALS: [ApiError; 5] = [
    ApiError::NotFound(Resource::Concert),
    ApiError::NotFound(Resource::Room),
    ApiError::ConcertCancelled,
    ApiError::NothingToBook,
    ApiError::SoldOut,
];

/// Issues queue tokens in answer to one request.
pub(crate) struct Issuer {
    services: Data<Services>,
    keys: Data<SigningKeys>,
    settings: Data<HttpSettings>,
    sender: Option<SignedIn>,
    allowance: Allowance,
}

/// What a queue token is issued for.
pub(crate) struct Wanted {
    pub(crate) room_id: RoomId,
    pub(crate) schedule_id: Option<ScheduleId>,
    pub(crate) idempotency: Option<Idempotency>,
}

/// A queue token that was issued.
pub(crate) struct Issued {
    pub(crate) jwt: String,
    pub(crate) joined: Joined,
    pub(crate) position: QueuePosition,
}

impl FromRequest for Issuer {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let issuer = |allowance| {
            Some(Self {
                services: req.app_data::<Data<Services>>()?.clone(),
                keys: req.app_data::<Data<SigningKeys>>()?.clone(),
                settings: req.app_data::<Data<HttpSettings>>()?.clone(),
                sender: bearer(req).ok().map(SignedIn::from),
                allowance,
            })
        };
        let allowance = Allowance::from_request(req, payload).into_inner();
        ready(allowance.and_then(|allowance| issuer(allowance).ok_or(ApiError::Internal)))
    }
}

impl Issuer {
    /// The recipient of a token for `user_id`: the sender, if it is the same user; in open mode without a
    /// sender, the named user.
    pub(crate) async fn recipient(&self, user_id: &str) -> Result<SignedIn, ApiError> {
        if let Some(sender) = &self.sender {
            sender.check_is(user_id)?;
            return Ok(sender.clone());
        }
        if !self.settings.open_mode {
            return Err(ApiError::Unauthenticated);
        }
        let id: UserId = user_id.parse().map_err(|_| ApiError::NotFound(Resource::User))?;
        let user = self.services.people.users.user(id).await?;
        let user = user.ok_or(ApiError::NotFound(Resource::User))?;
        Ok(SignedIn::account(user.id, &user.name, user.sessions.version))
    }

    /// The recipient of a token if no user is named: the sender; in open mode without a sender, a new guest.
    pub(crate) async fn sender_or_guest(&self) -> Result<SignedIn, ApiError> {
        match &self.sender {
            Some(sender) => Ok(sender.clone()),
            None if self.settings.open_mode => self.sign_up_guest().await,
            None => Err(ApiError::Unauthenticated),
        }
    }

    /// A user without a password, at an address that cannot exist (RFC 2606 section 2).
    async fn sign_up_guest(&self) -> Result<SignedIn, ApiError> {
        self.allowance.count(Action::SignUp)?;
        let id = UserId(ids::new_uuid());
        let guest = SignUp {
            id,
            name: PersonName::parse("Guest")?,
            email: Email::parse(&format!("{id}@guest.invalid"))?,
            password: None,
            role: Role::Fan,
            verification: None,
            idempotency: None,
        };
        let user = self.services.people.sign_up(guest).await??;
        Ok(SignedIn::account(user.id, &user.name, 0))
    }

    /// The room of a concert; without a concert, the site-wide one.
    pub(crate) async fn room(&self, concert_id: Option<ConcertId>) -> Result<RoomId, ApiError> {
        let Some(concert_id) = concert_id else { return Ok(RoomId::SITE) };
        let found = self.services.waiting_room.room_of_concert(concert_id).await?;
        found.ok_or(ApiError::NotFound(Resource::Concert))
    }

    /// The sender of the request.
    pub(crate) fn sender(&self) -> Result<SignedIn, ApiError> {
        self.sender.clone().ok_or(ApiError::Unauthenticated)
    }

    /// Joins a room and signs the token. A token that was requested with a queue token expires no later than
    /// that one.
    pub(crate) async fn issue(&self, user: &SignedIn, wanted: Wanted) -> Result<Issued, ApiError> {
        let command = JoinRoom {
            token_id: QueueTokenId(ids::new_uuid()),
            room_id: wanted.room_id,
            user_id: user.user_id,
        };
        let submission = Submission { command, key: wanted.idempotency };
        let (joined, position) = self.services.waiting_room.join(submission).await??;
        let seconds = i64::try_from(self.settings.queue_token_time.as_secs()).unwrap_or(i64::MAX);
        let left = |until: i64| until.saturating_sub(joined.at.unix_timestamp());
        let seconds = user.queue_token_until.map_or(seconds, |until| seconds.min(left(until)));
        let of = QueueTokenOf {
            name: &user.name,
            session_version: user.session_version,
            schedule_id: wanted.schedule_id,
        };
        let jwt = self.keys.queue_token(&joined.token, of, joined.at, seconds)?;
        Ok(Issued { jwt, joined, position })
    }
}
