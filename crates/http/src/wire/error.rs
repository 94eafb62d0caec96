//! The one error of the API. Every refusal and failure becomes one.

mod door;
mod mail;
mod texts;
mod ticket;

use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, ResponseError};
use stagedoor_domain::concert::NotOwn;
use stagedoor_domain::mail::TokenRefused;
use stagedoor_domain::operations::{
    BlockRefused, CancelByStaffRefused, CancelConcertRefused, CancelRefused, CancelScheduleRefused,
    ChangeNameRefused, ChangePasswordRefused, ChangePlanRefused, ChangeRoleRefused,
    ChangeVenueRefused, CreateConcertRefused, CreateHallRefused, CreateSchedule,
    CreateScheduleRefused, CreateUserRefused, CreateVenueRefused, CreateWebhookRefused,
    DeleteConcertRefused, DeleteUserRefused, EditConcertRefused, EditScheduleRefused,
    EndSessionsRefused, ExtendRefused, GiveRefused, HoldRefused, JoinRefused, LeaveRefused,
    PayRefused, PointsRefused, PolicyRefused, PublishRefused, ReleaseRefused, RemoveTokenRefused,
    WebhookNotFound,
};
use stagedoor_domain::point::BalanceRefused;
use stagedoor_domain::queue_token::NotActive;
use stagedoor_domain::reservation::NotHeld;
use stagedoor_domain::use_cases::{AdmissionRefused, LogInRefused};
use stagedoor_domain::{Invalid, NeverRefused, Points, Refused, ReservationId, Rule, TicketLimit};
use uuid::Uuid;

pub(crate) use door::DoorRefused;
pub(crate) use mail::MailRefused;

const UNAUTHORIZED: StatusCode = StatusCode::UNAUTHORIZED;
const HEADERS: StatusCode = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
const CONFLICT: StatusCode = StatusCode::CONFLICT;
const UNAVAILABLE: StatusCode = StatusCode::SERVICE_UNAVAILABLE;
const REQUIRED: StatusCode = StatusCode::PRECONDITION_REQUIRED;
const MEDIA_TYPE: StatusCode = StatusCode::UNSUPPORTED_MEDIA_TYPE;

/// Why a request failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ApiError {
    Validation(FieldError),
    Unauthenticated,
    WrongPassword,
    /// Not `UNAUTHENTICATED`: the caller's token is valid, and the session goes on.
    WrongCurrentPassword,
    TokenWaiting,
    TokenExpired,
    /// E-mail and the links in it.
    Mail(MailRefused),
    /// The door.
    Door(DoorRefused),
    Forbidden(RequiredAccess),
    NotFound(Resource),
    RouteNotFound,
    MethodNotAllowed(Vec<Method>),
    NotAcceptedMediaType,
    /// Bodies of requests must not have a `Content-Encoding`.
    NotAcceptedContentEncoding,
    BodyTooLarge {
        bytes_max: usize,
    },
    HeadersTooLarge {
        bytes_max: usize,
    },
    EmailTaken,
    SeatTaken,
    /// Seats with these numbers are not free.
    SeatsTaken(Vec<i32>),
    /// Seats with these numbers are not blocked.
    SeatsNotBlocked(Vec<i32>),
    AlreadyHeld(ReservationId),
    BookingClosed,
    /// No date of a concert can be booked, now or later.
    NothingToBook,
    SoldOut,
    /// Nothing of the concert is sold any more.
    ConcertCancelled,
    /// Only a concert without sales is deleted, or cancelled without a reason.
    HasSales,
    /// A concert has more dates than are cancelled in one step.
    TooManyDates,
    /// A concert without a date cannot be published.
    NoSchedule,
    /// A draft cannot be cancelled.
    NotPublished,
    /// No tickets of a draft are given away.
    ConcertNotPublished,
    /// The holder cannot cancel tickets that staff gave.
    Complimentary,
    InsufficientPoints,
    BalanceTooLarge,
    /// Users cannot charge points themselves on this service.
    ChargesDisabled,
    /// The paid reservation, where the request names one.
    AlreadyPaid(Option<ReservationId>),
    ReservationCancelled,
    HoldExpired,
    TooManyHolds,
    TooManyWebhooks,
    TicketLimit(TicketLimit),
    ScheduleCancelled,
    /// Operators cannot change their own role.
    OwnRole,
    /// Accounts of organizers and operators are not deleted.
    StaffAccount,
    NotExtendable,
    NotConfirmed,
    CancellationClosed,
    /// The ticket was transferred or cancelled.
    TicketVoid,
    /// Another user has a ticket of the reservation.
    TicketTransferred,
    /// It would be transferred to its holder.
    OwnTicket,
    /// The performance has ended, or was cancelled.
    PerformanceEnded,
    IdempotencyMismatch,
    /// The resource has another version than the client has seen.
    PreconditionFailed,
    /// The client does not tell which version it has seen.
    PreconditionRequired,
    BodyTooSlow,
    /// The limit of an address or an account, and how long until the next request is accepted.
    RateLimited {
        wait: Duration,
    },
    Overloaded,
    Unavailable,
    OutcomeUnknown,
    /// The cause was logged where it arose.
    Internal,
    /// A refusal of the HTTP library, by its status.
    Http(StatusCode),
}

/// A field and the rule it breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldError {
    pub(crate) field: String,
    pub(crate) rule: FieldRule,
}

/// The rule a field breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FieldRule {
    /// A rule of the domain.
    Domain(Rule),
    /// The form of the JSON, in the words of its parser.
    Form(String),
    /// An id.
    Id,
    /// One of a few words.
    OneOf(&'static [&'static str]),
    /// 1 to this many visible ASCII characters.
    VisibleAscii(usize),
    /// A date and time without an offset.
    LocalTime,
    /// A local time that exists: clocks skip some.
    ExistingLocalTime,
    /// The price of what is paid, in points.
    Price(i64),
    /// The schedule that the queue token was issued for.
    OfToken,
    /// The signed code of a ticket.
    TicketCode,
    /// The number of a ticket.
    TicketNumber,
}

/// The access that a caller lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequiredAccess {
    AccessToken,
    QueueToken,
    QueueTokenOfThisRoom,
    /// A site-wide token is not valid for a concert with its own queue.
    ConcertsOwnQueue,
    Organizer,
    OwnConcert,
    OwnVenue,
    Staff,
    Operator,
    Oneself,
    OwnPage,
    /// Only the user who paid may cancel.
    Payer,
    /// Only staff of the door checks tickets.
    Door,
}

/// What does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    User,
    Concert,
    Poster,
    Venue,
    Hall,
    SeatPlan,
    Schedule,
    Seat,
    Cancellation,
    Room,
    LineBlock,
    QueueToken,
    Reservation,
    Payment,
    Ticket,
    Webhook,
}

impl ApiError {
    pub(crate) fn field(field: impl Into<String>, rule: FieldRule) -> Self {
        Self::Validation(FieldError { field: field.into(), rule })
    }

    /// A rejected field, for the document.
    pub(crate) const VALIDATION: Self =
        Self::Validation(FieldError { field: String::new(), rule: FieldRule::Id });
    /// A repeated hold, for the document.
    pub(crate) const ALREADY_HELD: Self = Self::AlreadyHeld(ReservationId(Uuid::nil()));
    /// A rate limit, for the document.
    pub(crate) const RATE_LIMITED: Self = Self::RateLimited { wait: Duration::ZERO };
    /// The errors of any operation.
    pub(crate) const OF_ANY: [Self; 9] = [
        Self::BodyTooSlow,
        Self::BodyTooLarge { bytes_max: 0 },
        Self::NotAcceptedMediaType,
        Self::NotAcceptedContentEncoding,
        Self::HeadersTooLarge { bytes_max: 0 },
        Self::Internal,
        Self::Overloaded,
        Self::Unavailable,
        Self::OutcomeUnknown,
    ];

    /// The machine-readable code.
    pub(crate) fn code(&self) -> &'static str {
        self.parts().1
    }

    /// The status and the machine-readable code. Responses and the document both use this table.
    pub(crate) fn parts(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Validation(_) => (StatusCode::BAD_REQUEST, "VALIDATION"),
            Self::Unauthenticated | Self::WrongPassword => (UNAUTHORIZED, "UNAUTHENTICATED"),
            Self::TokenExpired => (UNAUTHORIZED, "TOKEN_EXPIRED"),
            Self::TokenWaiting => (StatusCode::FORBIDDEN, "TOKEN_WAITING"),
            Self::Forbidden(_) => (StatusCode::FORBIDDEN, "FORBIDDEN"),
            Self::Mail(refused) => refused.parts(),
            Self::Door(refused) => refused.parts(),
            Self::WrongCurrentPassword => (StatusCode::FORBIDDEN, "WRONG_CURRENT_PASSWORD"),
            Self::ChargesDisabled => (StatusCode::FORBIDDEN, "CHARGES_DISABLED"),
            Self::NotFound(resource) => (StatusCode::NOT_FOUND, resource.code()),
            Self::RouteNotFound => (StatusCode::NOT_FOUND, "ROUTE_NOT_FOUND"),
            Self::MethodNotAllowed(_) => (StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED"),
            Self::BodyTooSlow => (StatusCode::REQUEST_TIMEOUT, "BODY_TOO_SLOW"),
            Self::EmailTaken => (CONFLICT, "EMAIL_TAKEN"),
            Self::SeatTaken | Self::SeatsTaken(_) => (CONFLICT, "SEAT_TAKEN"),
            Self::SeatsNotBlocked(_) => (CONFLICT, "SEAT_NOT_BLOCKED"),
            Self::AlreadyHeld(_) => (CONFLICT, "ALREADY_HELD"),
            Self::BookingClosed | Self::NothingToBook => (CONFLICT, "BOOKING_CLOSED"),
            Self::SoldOut => (CONFLICT, "SOLD_OUT"),
            Self::ConcertCancelled => (CONFLICT, "CONCERT_CANCELLED"),
            Self::HasSales => (CONFLICT, "HAS_SALES"),
            Self::TooManyDates => (CONFLICT, "TOO_MANY_DATES"),
            Self::NoSchedule => (CONFLICT, "NO_SCHEDULE"),
            Self::NotPublished | Self::ConcertNotPublished => (CONFLICT, "NOT_PUBLISHED"),
            Self::Complimentary => (CONFLICT, "COMPLIMENTARY_TICKET"),
            Self::InsufficientPoints => (CONFLICT, "INSUFFICIENT_POINTS"),
            Self::BalanceTooLarge => (CONFLICT, "BALANCE_TOO_LARGE"),
            Self::AlreadyPaid(_) => (CONFLICT, "ALREADY_PAID"),
            Self::ReservationCancelled => (CONFLICT, "RESERVATION_CANCELLED"),
            Self::TooManyHolds => (CONFLICT, "TOO_MANY_HOLDS"),
            Self::TooManyWebhooks => (CONFLICT, "TOO_MANY_WEBHOOKS"),
            Self::TicketLimit(_) => (CONFLICT, "TICKET_LIMIT"),
            Self::ScheduleCancelled => (CONFLICT, "SCHEDULE_CANCELLED"),
            Self::OwnRole => (CONFLICT, "OWN_ROLE"),
            Self::StaffAccount => (CONFLICT, "STAFF_ACCOUNT"),
            Self::NotExtendable => (CONFLICT, "NOT_EXTENDABLE"),
            Self::NotConfirmed => (CONFLICT, "NOT_CONFIRMED"),
            Self::CancellationClosed => (CONFLICT, "CANCELLATION_CLOSED"),
            Self::TicketVoid => (CONFLICT, "TICKET_VOID"),
            Self::TicketTransferred => (CONFLICT, "TICKET_TRANSFERRED"),
            Self::OwnTicket => (CONFLICT, "OWN_TICKET"),
            Self::PerformanceEnded => (CONFLICT, "PERFORMANCE_ENDED"),
            Self::HoldExpired => (StatusCode::GONE, "HOLD_EXPIRED"),
            Self::PreconditionFailed => (StatusCode::PRECONDITION_FAILED, "PRECONDITION_FAILED"),
            Self::PreconditionRequired => (REQUIRED, "PRECONDITION_REQUIRED"),
            Self::BodyTooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE"),
            Self::NotAcceptedMediaType => (MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE"),
            Self::NotAcceptedContentEncoding => (MEDIA_TYPE, "UNSUPPORTED_CONTENT_ENCODING"),
            Self::IdempotencyMismatch => (StatusCode::UNPROCESSABLE_ENTITY, "IDEMPOTENCY_MISMATCH"),
            Self::RateLimited { .. } => (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED"),
            Self::HeadersTooLarge { .. } => (HEADERS, "HEADERS_TOO_LARGE"),
            Self::Overloaded => (UNAVAILABLE, "OVERLOADED"),
            Self::Unavailable => (UNAVAILABLE, "UNAVAILABLE"),
            Self::OutcomeUnknown => (UNAVAILABLE, "OUTCOME_UNKNOWN"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL"),
            Self::Http(status) if status.is_client_error() => (*status, "BAD_REQUEST"),
            Self::Http(status) => (*status, "INTERNAL"),
        }
    }

    /// In which case the code arises, for the document, where the code alone is not clear.
    pub(crate) fn case(&self) -> Option<&'static str> {
        match self {
            Self::Forbidden(needs) => Some(needs.case()),
            Self::WrongPassword => Some("the address and the password do not belong together"),
            Self::NothingToBook => Some("no date of the concert can be booked, now or later"),
            Self::NotConfirmed => Some("not paid, or cancelled before"),
            Self::NotExtendable => Some("extended before, not offered, or booking closes first"),
            _ => None,
        }
    }

    /// The same error for a request that names a date: a concert that is not shown has no date that is shown.
    pub(crate) fn of_date(self) -> Self {
        match self {
            Self::NotFound(Resource::Concert) => Self::NotFound(Resource::Schedule),
            other => other,
        }
    }

    /// The same error, with the reservation that it concerns.
    pub(crate) fn about(self, id: ReservationId) -> Self {
        match self {
            Self::AlreadyPaid(_) => Self::AlreadyPaid(Some(id)),
            other => other,
        }
    }

    /// The reservation that it concerns.
    pub(crate) fn reservation(&self) -> Option<ReservationId> {
        match self {
            Self::AlreadyPaid(reservation) => *reservation,
            Self::AlreadyHeld(reservation) => Some(*reservation),
            _ => None,
        }
    }

    /// The numbers of the seats that it concerns.
    pub(crate) fn seat_numbers(&self) -> Option<&[i32]> {
        match self {
            Self::SeatsTaken(numbers) | Self::SeatsNotBlocked(numbers) => Some(numbers),
            _ => None,
        }
    }

    /// When a client may retry.
    pub(crate) fn retry(&self) -> Option<Retry> {
        match self {
            Self::RateLimited { wait } => {
                Some(Retry { wait: *wait, spread_seconds: 1 + wait.as_secs() / 4 })
            }
            Self::Overloaded | Self::Unavailable | Self::OutcomeUnknown => {
                Some(Retry { wait: Duration::from_secs(1), spread_seconds: 4 })
            }
            _ => None,
        }
    }
}

/// When a client may retry: after `wait`, and a random part of `spread_seconds` more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Retry {
    pub(crate) wait: Duration,
    pub(crate) spread_seconds: u64,
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.parts().0
    }

    /// The status alone. The edge writes the body: it knows the request.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

impl RequiredAccess {
    /// The case, for the document.
    fn case(self) -> &'static str {
        match self {
            Self::AccessToken => "no access token",
            Self::QueueToken => "no queue token",
            Self::QueueTokenOfThisRoom => "a queue token of another concert",
            Self::ConcertsOwnQueue => "a site-wide queue token while the concert has a queue",
            Self::Organizer => "in closed mode no organizer",
            Self::OwnConcert => "the concert is another organizer's",
            Self::OwnVenue => "the venue is another organizer's",
            Self::Staff => "in closed mode neither an organizer nor an operator",
            Self::Operator => "no operator",
            Self::Oneself => "the user is another one",
            Self::Payer => "the ticket was paid by another user",
            Self::Door => "the user does not check tickets of the concert",
            Self::OwnPage => "a session cookie with a page of another site",
        }
    }
}

impl Resource {
    fn code(self) -> &'static str {
        match self {
            Self::User => "USER_NOT_FOUND",
            Self::Concert => "CONCERT_NOT_FOUND",
            Self::Poster => "POSTER_NOT_FOUND",
            Self::Venue => "VENUE_NOT_FOUND",
            Self::Hall => "HALL_NOT_FOUND",
            Self::SeatPlan => "SEAT_PLAN_NOT_FOUND",
            Self::Schedule => "SCHEDULE_NOT_FOUND",
            Self::Seat => "SEAT_NOT_FOUND",
            Self::Cancellation => "CANCELLATION_NOT_FOUND",
            Self::Room => "ROOM_NOT_FOUND",
            Self::LineBlock => "LINE_BLOCK_NOT_FOUND",
            Self::QueueToken => "QUEUE_TOKEN_NOT_FOUND",
            Self::Reservation => "RESERVATION_NOT_FOUND",
            Self::Payment => "PAYMENT_NOT_FOUND",
            Self::Ticket => "TICKET_NOT_FOUND",
            Self::Webhook => "WEBHOOK_NOT_FOUND",
        }
    }
}

impl From<Invalid> for ApiError {
    fn from(invalid: Invalid) -> Self {
        Self::field(invalid.field, FieldRule::Domain(invalid.rule))
    }
}

impl From<NotActive> for ApiError {
    fn from(refused: NotActive) -> Self {
        match refused {
            NotActive::Waiting => Self::TokenWaiting,
            NotActive::Expired => Self::TokenExpired,
        }
    }
}

impl From<NotHeld> for ApiError {
    fn from(refused: NotHeld) -> Self {
        match refused {
            NotHeld::Over => Self::HoldExpired,
            NotHeld::Paid => Self::AlreadyPaid(None),
            NotHeld::Cancelled => Self::ReservationCancelled,
        }
    }
}

impl From<BalanceRefused> for ApiError {
    fn from(refused: BalanceRefused) -> Self {
        match refused {
            BalanceRefused::Insufficient => Self::InsufficientPoints,
            BalanceRefused::TooLarge => Self::BalanceTooLarge,
        }
    }
}

impl From<NeverRefused> for ApiError {
    fn from(refused: NeverRefused) -> Self {
        match refused {}
    }
}

impl<R> From<Refused<R>> for ApiError
where
    Self: From<R>,
{
    fn from(refused: Refused<R>) -> Self {
        match refused {
            Refused::KeyReused => Self::IdempotencyMismatch,
            Refused::Rule(refused) => refused.into(),
        }
    }
}

/// Turns refusals into errors, each of them in one line.
macro_rules! refusals {
    ($($refusal:ty { $($variant:pat => $error:expr),+ $(,)? })+) => {
        $(impl From<$refusal> for ApiError {
            fn from(refused: $refusal) -> Self {
                match refused {
                    $($variant => $error),+
                }
            }
        })+
    };
}

refusals! {
    LogInRefused { LogInRefused => Self::WrongPassword }
    TokenRefused { TokenRefused => Self::Mail(MailRefused::LinkExpired) }
    ChangeNameRefused {
        ChangeNameRefused::UserNotFound => Self::NotFound(Resource::User),
    }
    ChangePasswordRefused {
        ChangePasswordRefused::UserNotFound => Self::NotFound(Resource::User),
        ChangePasswordRefused::WrongPassword => Self::WrongCurrentPassword,
    }
    EndSessionsRefused {
        EndSessionsRefused::UserNotFound => Self::NotFound(Resource::User),
    }
    CreateUserRefused {
        CreateUserRefused::EmailTaken => Self::EmailTaken,
    }
    CreateConcertRefused {
        CreateConcertRefused::NotOrganizer => Self::Forbidden(RequiredAccess::Organizer),
    }
    CreateVenueRefused {
        CreateVenueRefused::NotOrganizer => Self::Forbidden(RequiredAccess::Organizer),
    }
    ChangeVenueRefused {
        ChangeVenueRefused::VenueNotFound => Self::NotFound(Resource::Venue),
        ChangeVenueRefused::NotManager => Self::Forbidden(RequiredAccess::OwnVenue),
        ChangeVenueRefused::OtherVersion => Self::PreconditionFailed,
    }
    CreateWebhookRefused {
        CreateWebhookRefused::NotStaff => Self::Forbidden(RequiredAccess::Staff),
        CreateWebhookRefused::TooMany => Self::TooManyWebhooks,
    }
    WebhookNotFound { WebhookNotFound => Self::NotFound(Resource::Webhook) }
    CreateHallRefused {
        CreateHallRefused::VenueNotFound => Self::NotFound(Resource::Venue),
        CreateHallRefused::NotManager => Self::Forbidden(RequiredAccess::OwnVenue),
    }
    ChangePlanRefused {
        ChangePlanRefused::HallNotFound => Self::NotFound(Resource::Hall),
        ChangePlanRefused::NotManager => Self::Forbidden(RequiredAccess::OwnVenue),
    }
    NotOwn {
        NotOwn::NotFound => Self::NotFound(Resource::Concert),
        NotOwn::AnotherOrganizers => Self::Forbidden(RequiredAccess::OwnConcert),
    }
    PublishRefused {
        PublishRefused::NotOwn(refused) => refused.into(),
        PublishRefused::Cancelled => Self::ConcertCancelled,
        PublishRefused::NoSchedule => Self::NoSchedule,
    }
    CancelConcertRefused {
        CancelConcertRefused::NotOwn(refused) => refused.into(),
        CancelConcertRefused::NotPublished => Self::NotPublished,
        CancelConcertRefused::HasSales => Self::HasSales,
        CancelConcertRefused::TooManyDates => Self::TooManyDates,
    }
    DeleteConcertRefused {
        DeleteConcertRefused::NotOwn(refused) => refused.into(),
        DeleteConcertRefused::HasSales => Self::HasSales,
    }
    EditConcertRefused {
        EditConcertRefused::NotOwn(refused) => refused.into(),
        EditConcertRefused::OtherVersion => Self::PreconditionFailed,
    }
    CreateScheduleRefused {
        CreateScheduleRefused::ConcertNotFound => Self::NotFound(Resource::Concert),
        CreateScheduleRefused::NotOrganizer => Self::Forbidden(RequiredAccess::OwnConcert),
        CreateScheduleRefused::Cancelled => Self::ConcertCancelled,
        CreateScheduleRefused::TooManySeats => {
            let most = CreateSchedule::SEATS_OF_CONCERT_MAX;
            Invalid::new("seatMap", Rule::SeatsOfConcert(most)).into()
        },
    }
    EditScheduleRefused {
        EditScheduleRefused::ScheduleNotFound => Self::NotFound(Resource::Schedule),
        EditScheduleRefused::NotManager => Self::Forbidden(RequiredAccess::OwnConcert),
        EditScheduleRefused::OtherVersion => Self::PreconditionFailed,
        EditScheduleRefused::Cancelled => Self::ScheduleCancelled,
        EditScheduleRefused::OutOfOrder(wrong) => Invalid::from(wrong).into(),
        EditScheduleRefused::StartHasPassed => Invalid::new("startsAt", Rule::ToCome).into(),
        EditScheduleRefused::RefundableUntil => {
            Invalid::new("refundableUntil", Rule::ToComeUntil("startsAt")).into()
        },
    }
    CancelScheduleRefused {
        CancelScheduleRefused::ScheduleNotFound => Self::NotFound(Resource::Schedule),
        CancelScheduleRefused::NotManager => Self::Forbidden(RequiredAccess::OwnConcert),
    }
    BlockRefused {
        BlockRefused::ScheduleNotFound => Self::NotFound(Resource::Schedule),
        BlockRefused::NotManager => Self::Forbidden(RequiredAccess::OwnConcert),
        BlockRefused::SeatNotFound => Self::NotFound(Resource::Seat),
        BlockRefused::NotFree(numbers) => Self::SeatsTaken(numbers),
        BlockRefused::NotBlocked(numbers) => Self::SeatsNotBlocked(numbers),
    }
    GiveRefused {
        GiveRefused::ScheduleNotFound => Self::NotFound(Resource::Schedule),
        GiveRefused::NotManager => Self::Forbidden(RequiredAccess::OwnConcert),
        GiveRefused::NotPublished => Self::ConcertNotPublished,
        GiveRefused::ConcertCancelled => Self::ConcertCancelled,
        GiveRefused::ScheduleCancelled => Self::ScheduleCancelled,
        GiveRefused::SeatNotFound => Self::NotFound(Resource::Seat),
        GiveRefused::SeatsTaken(numbers) => Self::SeatsTaken(numbers),
        GiveRefused::UserNotFound => Self::NotFound(Resource::User),
    }
    CancelByStaffRefused {
        CancelByStaffRefused::ReservationNotFound => Self::NotFound(Resource::Reservation),
        CancelByStaffRefused::NotManager => Self::Forbidden(RequiredAccess::OwnConcert),
        CancelByStaffRefused::NotHeld(refused) => refused.into(),
        CancelByStaffRefused::Balance(refused) => refused.into(),
    }
    RemoveTokenRefused {
        RemoveTokenRefused::TokenNotFound => Self::NotFound(Resource::QueueToken),
    }
    DeleteUserRefused {
        DeleteUserRefused::UserNotFound => Self::NotFound(Resource::User),
        DeleteUserRefused::WrongPassword => Self::WrongCurrentPassword,
        DeleteUserRefused::IsStaff => Self::StaffAccount,
    }
    ChangeRoleRefused {
        ChangeRoleRefused::OwnRole => Self::OwnRole,
        ChangeRoleRefused::UserNotFound => Self::NotFound(Resource::User),
    }
    PolicyRefused {
        PolicyRefused::RoomNotFound => Self::NotFound(Resource::Room),
        PolicyRefused::OtherVersion => Self::PreconditionFailed,
    }
    JoinRefused {
        JoinRefused::RoomNotFound => Self::NotFound(Resource::Room),
        JoinRefused::ConcertNotFound => Self::NotFound(Resource::Concert),
        JoinRefused::ConcertCancelled => Self::ConcertCancelled,
        JoinRefused::BookingClosed => Self::NothingToBook,
        JoinRefused::SoldOut => Self::SoldOut,
    }
    LeaveRefused {
        LeaveRefused::TokenNotFound => Self::NotFound(Resource::QueueToken),
    }
    AdmissionRefused {
        AdmissionRefused::NotActive(refused) => refused.into(),
        AdmissionRefused::ConcertNotFound => Self::NotFound(Resource::Concert),
        AdmissionRefused::OtherRoom => Self::Forbidden(RequiredAccess::QueueTokenOfThisRoom),
        AdmissionRefused::OwnQueue => Self::Forbidden(RequiredAccess::ConcertsOwnQueue),
    }
    HoldRefused {
        HoldRefused::EmailNotVerified => Self::Mail(MailRefused::NotVerified),
        HoldRefused::NotActive(refused) => refused.into(),
        HoldRefused::ScheduleNotFound => Self::NotFound(Resource::Schedule),
        HoldRefused::OtherRoom => Self::Forbidden(RequiredAccess::QueueTokenOfThisRoom),
        HoldRefused::OwnQueue => Self::Forbidden(RequiredAccess::ConcertsOwnQueue),
        HoldRefused::ScheduleCancelled => Self::ScheduleCancelled,
        HoldRefused::ConcertCancelled => Self::ConcertCancelled,
        HoldRefused::BookingClosed => Self::BookingClosed,
        HoldRefused::AlreadyHeld(reservation) => Self::AlreadyHeld(reservation),
        HoldRefused::TooManyHolds => Self::TooManyHolds,
        HoldRefused::TicketLimit(limit) => Self::TicketLimit(limit),
        HoldRefused::SectionNotFound => Invalid::new("section", Rule::Section).into(),
        HoldRefused::ZoneNotFound => Invalid::new("zone", Rule::Zone).into(),
        HoldRefused::SeatNotFound => Self::NotFound(Resource::Seat),
        HoldRefused::SeatTaken => Self::SeatTaken,
        HoldRefused::TooExpensive => {
            Invalid::new("seatIds", Rule::TotalPrice(Points::MAX.get())).into()
        },
    }
    ReleaseRefused {
        ReleaseRefused::ReservationNotFound => Self::NotFound(Resource::Reservation),
        ReleaseRefused::NotHeld(refused) => refused.into(),
    }
    ExtendRefused {
        ExtendRefused::ReservationNotFound => Self::NotFound(Resource::Reservation),
        ExtendRefused::NotHeld(refused) => refused.into(),
        ExtendRefused::NotExtendable => Self::NotExtendable,
    }
    CancelRefused {
        CancelRefused::ReservationNotFound => Self::NotFound(Resource::Reservation),
        CancelRefused::NotConfirmed => Self::NotConfirmed,
        CancelRefused::Complimentary => Self::Complimentary,
        CancelRefused::CancellationClosed => Self::CancellationClosed,
        CancelRefused::TicketTransferred => Self::TicketTransferred,
        CancelRefused::CheckedIn => Self::Door(DoorRefused::TicketUsed),
        CancelRefused::Balance(refused) => refused.into(),
    }
    PointsRefused {
        PointsRefused::UserNotFound => Self::NotFound(Resource::User),
        PointsRefused::Balance(refused) => refused.into(),
    }
    PayRefused {
        PayRefused::NotActive(refused) => refused.into(),
        PayRefused::ReservationNotFound => Self::NotFound(Resource::Reservation),
        PayRefused::OtherRoom => Self::Forbidden(RequiredAccess::QueueTokenOfThisRoom),
        PayRefused::ScheduleCancelled => Self::ScheduleCancelled,
        PayRefused::NotHeld(refused) => refused.into(),
        PayRefused::ConcertCancelled => Self::ConcertCancelled,
        PayRefused::OtherPrice(price) => Self::field("amount", FieldRule::Price(price.get())),
        PayRefused::Balance(refused) => refused.into(),
    }
}
