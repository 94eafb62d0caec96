//! What errors say to people, in Korean and in English.

use std::fmt;

use stagedoor_domain::Rule;

use super::{ApiError, FieldRule, Needs, Noun};
use crate::wire::language::Language;

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail(Language::English))
    }
}

impl ApiError {
    /// What happened, for people.
    pub(crate) fn detail(&self, language: Language) -> String {
        match language {
            Language::Korean => self.korean(),
            Language::English => self.english(),
        }
    }

    fn english(&self) -> String {
        let text = match self {
            Self::Validation(error) => {
                return format!("{} {}.", error.field, error.rule.text(Language::English));
            }
            Self::BodyTooLarge { bytes_max } => {
                return format!("The body must not have more than {bytes_max} bytes.");
            }
            Self::HeadersTooLarge { bytes_max } => {
                return format!("The headers must not have more than {bytes_max} bytes together.");
            }
            Self::NotFound(noun) => return format!("There is no such {}.", noun.english()),
            Self::Unauthenticated => "Sign in first: no valid token came with the request.",
            Self::WrongPassword => "The e-mail address and the password do not belong together.",
            Self::TokenWaiting => "You are still in line. Wait until it is your turn.",
            Self::TokenExpired => "Your queue token has expired. Join the line again.",
            Self::Forbidden(needs) => needs.english(),
            Self::RouteNotFound => "There is nothing at this address.",
            Self::MethodNotAllowed(_) => "This address does not take this method.",
            Self::NotAcceptedMediaType => "Send the body as application/json.",
            Self::NotAcceptedContentEncoding => {
                "Content-Encoding must be identity: send the body uncompressed."
            }
            Self::EmailTaken => "Somebody has signed up with this e-mail address.",
            Self::SeatTaken => "A seat you asked for is already taken. Choose another.",
            Self::AlreadyHeld(_) => "You hold these seats already. Pay for them, or release them.",
            Self::BookingClosed => "This date is not open for booking now.",
            Self::NothingToBook => "No date of this concert can be booked. Choose another concert.",
            Self::SoldOut => {
                "This concert is sold out. Look again later: seats of cancelled tickets are sold again."
            }
            Self::InsufficientPoints => "You have too few points. Charge some and try again.",
            Self::BalanceTooLarge => "The balance would become larger than an account can hold.",
            Self::ChargesDisabled => "Points cannot be charged directly on this service.",
            Self::AlreadyPaid(_) => "This reservation is already paid. Look at your tickets.",
            Self::ReservationCancelled => {
                "This reservation was released or cancelled. Hold seats again."
            }
            Self::HoldExpired => "The time to pay for these seats has run out.",
            Self::TooManyHolds => "Pay or give back a hold of yours first: you have too many.",
            Self::NotExtendable => "This hold cannot be extended any further.",
            Self::NotConfirmed => "Only a paid reservation can be cancelled, and only once.",
            Self::CancellationClosed => "Tickets of this date can no longer be cancelled.",
            Self::IdempotencyMismatch => "This Idempotency-Key was used for another request.",
            Self::BodyTooSlow => "The body of the request did not arrive in time.",
            Self::RateLimited { .. } => "You ask too often. Wait a moment, then try again.",
            Self::Overloaded => "Too many people are asking at once. Try again in a moment.",
            Self::Unavailable => "The service cannot reach its store. Try again in a moment.",
            Self::OutcomeUnknown => {
                "It is not known whether this was done. Repeat it with the same Idempotency-Key."
            }
            Self::Internal => "Something went wrong on our side.",
            Self::Http(status) => status.canonical_reason().unwrap_or("The request failed."),
        };
        text.to_owned()
    }

    fn korean(&self) -> String {
        let text = match self {
            Self::Validation(error) => {
                return format!("{}: {}.", error.field, error.rule.text(Language::Korean));
            }
            Self::BodyTooLarge { bytes_max } => {
                return format!("본문은 {bytes_max}바이트를 넘을 수 없습니다.");
            }
            Self::HeadersTooLarge { bytes_max } => {
                return format!("헤더는 모두 합해 {bytes_max}바이트를 넘을 수 없습니다.");
            }
            Self::NotFound(noun) => {
                return format!("해당 {} 정보를 찾을 수 없습니다.", noun.korean());
            }
            Self::Unauthenticated => "로그인이 필요합니다. 유효한 토큰이 없습니다.",
            Self::WrongPassword => "이메일 또는 비밀번호가 올바르지 않습니다.",
            Self::TokenWaiting => "아직 대기 중입니다. 차례가 될 때까지 기다려 주세요.",
            Self::TokenExpired => "대기열 토큰이 만료되었습니다. 다시 대기열에 진입해 주세요.",
            Self::Forbidden(needs) => needs.korean(),
            Self::RouteNotFound => "요청하신 주소를 찾을 수 없습니다.",
            Self::MethodNotAllowed(_) => "이 주소에서 지원하지 않는 메서드입니다.",
            Self::NotAcceptedMediaType => "본문은 application/json 형식이어야 합니다.",
            Self::NotAcceptedContentEncoding => {
                "Content-Encoding은 identity여야 합니다. 본문을 압축하지 말고 보내 주세요."
            }
            Self::EmailTaken => "이미 가입된 이메일입니다.",
            Self::SeatTaken => "이미 선점된 좌석입니다. 다른 좌석을 선택해 주세요.",
            Self::AlreadyHeld(_) => "이미 선점하신 좌석입니다. 결제하거나 취소해 주세요.",
            Self::BookingClosed => "지금은 예매할 수 없는 일정입니다.",
            Self::NothingToBook => "예매할 수 있는 일정이 없습니다. 다른 콘서트를 선택해 주세요.",
            Self::SoldOut => "매진되었습니다. 취소된 좌석은 다시 판매되니 나중에 확인해 주세요.",
            Self::InsufficientPoints => "잔액이 부족합니다. 충전 후 다시 시도해 주세요.",
            Self::BalanceTooLarge => "보유할 수 있는 포인트 한도를 넘습니다.",
            Self::ChargesDisabled => "이 서비스에서는 포인트를 직접 충전할 수 없습니다.",
            Self::AlreadyPaid(_) => "이미 결제된 예약입니다. 예매 내역을 확인해 주세요.",
            Self::ReservationCancelled => "취소된 예약입니다. 좌석을 다시 선택해 주세요.",
            Self::HoldExpired => "임시 점유 시간이 만료되었습니다.",
            Self::TooManyHolds => "미결제 예약이 너무 많습니다. 먼저 결제하거나 취소해 주세요.",
            Self::NotExtendable => "이 임시 예약은 더 연장할 수 없습니다.",
            Self::NotConfirmed => "결제가 완료된 예약만 한 번 취소할 수 있습니다.",
            Self::CancellationClosed => "이 일정의 예매는 더 이상 취소할 수 없습니다.",
            Self::IdempotencyMismatch => "다른 요청에 이미 사용된 Idempotency-Key입니다.",
            Self::BodyTooSlow => "요청 본문이 제시간에 도착하지 않았습니다.",
            Self::RateLimited { .. } => "요청이 너무 잦습니다. 잠시 후 다시 시도해 주세요.",
            Self::Overloaded => "요청이 몰리고 있습니다. 잠시 후 다시 시도해 주세요.",
            Self::Unavailable => "저장소에 연결할 수 없습니다. 잠시 후 다시 시도해 주세요.",
            Self::OutcomeUnknown => {
                "처리 여부를 확인할 수 없습니다. 같은 Idempotency-Key로 다시 요청해 주세요."
            }
            Self::Internal => "서버에서 문제가 발생했습니다.",
            Self::Http(_) => "요청을 처리할 수 없습니다.",
        };
        text.to_owned()
    }
}

impl FieldRule {
    pub(crate) fn text(&self, language: Language) -> String {
        match (self, language) {
            (Self::Domain(rule), Language::English) => rule.to_string(),
            (Self::Domain(rule), Language::Korean) => korean_rule(*rule),
            (Self::Form(reason), Language::English) => format!("does not read: {reason}"),
            (Self::Form(reason), Language::Korean) => {
                format!("형식이 올바르지 않습니다 ({reason})")
            }
            (Self::Id, Language::English) => "must be an id (a UUID)".to_owned(),
            (Self::Id, Language::Korean) => "UUID 형식의 id여야 합니다".to_owned(),
            (Self::OneOf(words), Language::English) => {
                format!("must be one of {}", words.join(", "))
            }
            (Self::OneOf(words), Language::Korean) => {
                format!("{} 중 하나여야 합니다", words.join(", "))
            }
            (Self::VisibleAscii(most), Language::English) => {
                format!("must be 1 to {most} visible ASCII characters without spaces")
            }
            (Self::VisibleAscii(most), Language::Korean) => {
                format!("공백 없는 ASCII 문자 1자에서 {most}자여야 합니다")
            }
            (Self::LocalTime, Language::English) => {
                "must be a local date-time without an offset, as 2026-12-24T19:00:00".to_owned()
            }
            (Self::LocalTime, Language::Korean) => {
                "2026-12-24T19:00:00 형식의 현지 시각이어야 합니다".to_owned()
            }
            (Self::ExistingLocalTime, Language::English) => {
                "does not exist in the service's time zone: its clocks skip this time".to_owned()
            }
            (Self::ExistingLocalTime, Language::Korean) => {
                "서비스 시간대의 시계가 건너뛰는, 존재하지 않는 시각입니다".to_owned()
            }
            (Self::Price(price), Language::English) => format!("must be the price, {price}"),
            (Self::Price(price), Language::Korean) => {
                format!("결제할 금액과 같은 {price}이어야 합니다")
            }
            (Self::OfToken, Language::English) => {
                "must be the one that the token was issued for".to_owned()
            }
            (Self::OfToken, Language::Korean) => "토큰을 발급받은 일정이어야 합니다".to_owned(),
        }
    }
}

fn korean_rule(rule: Rule) -> String {
    match rule {
        Rule::Between(low, high) => format!("{low}에서 {high} 사이의 정수여야 합니다"),
        Rule::Length(low, high) => format!("제어 문자 없이 {low}자에서 {high}자여야 합니다"),
        Rule::Characters(low, high) => format!("{low}자에서 {high}자여야 합니다"),
        Rule::Visible => "눈에 보이는 문자가 있어야 합니다".to_owned(),
        Rule::Uncommon => {
            "흔한 비밀번호이거나 같은 문자의 반복 또는 연속된 문자여서는 안 됩니다".to_owned()
        }
        Rule::Email => "이메일 주소여야 합니다".to_owned(),
        Rule::Items(low, high) => format!("{low}개에서 {high}개여야 합니다"),
        Rule::Seats(low, high) => format!("좌석이 {low}개에서 {high}개여야 합니다"),
        Rule::TotalPrice(most) => {
            format!("모든 좌석 가격의 합이 {most}포인트 이하여야 합니다")
        }
        Rule::SeatsOfConcert(most) => {
            format!("공연의 모든 일정의 좌석은 합해서 {most}석 이하여야 합니다")
        }
        Rule::Distinct => "같은 항목을 두 번 지정할 수 없습니다".to_owned(),
        Rule::ExactlyOne => "함께 쓸 수 없는 필드 중 하나만 지정해야 합니다".to_owned(),
        Rule::After(other) => format!("{other}보다 뒤여야 합니다"),
        Rule::NotAfter(other) => format!("{other}보다 뒤일 수 없습니다"),
        Rule::Cursor => "같은 목록에서 받은 nextCursor여야 합니다".to_owned(),
    }
}

impl Needs {
    fn english(self) -> &'static str {
        match self {
            Self::AccessToken => "This needs an access token, not a queue token.",
            Self::QueueToken => "This needs a queue token.",
            Self::QueueTokenOfThisRoom => "This needs a queue token of this concert's room.",
            Self::ConcertsOwnQueue => {
                "This concert has a queue of its own now. Join it: a site-wide token does not pass it."
            }
            Self::Organizer => "Only organizers may create concerts.",
            Self::OwnConcert => "Only the concert's organizer may add dates to it.",
            Self::Operator => "Only operators may do this.",
            Self::Oneself => "You may act for yourself alone.",
            Self::OwnPage => "A session's cookie changes things only from a page of this server.",
        }
    }

    fn korean(self) -> &'static str {
        match self {
            Self::AccessToken => "대기열 토큰이 아닌 로그인 토큰이 필요합니다.",
            Self::QueueToken => "대기열 토큰이 필요합니다.",
            Self::QueueTokenOfThisRoom => "이 콘서트의 대기열 토큰이 필요합니다.",
            Self::ConcertsOwnQueue => {
                "이 콘서트의 대기열이 따로 있습니다. 콘서트 대기열에 진입해 주세요."
            }
            Self::Organizer => "주최자만 콘서트를 만들 수 있습니다.",
            Self::OwnConcert => "이 콘서트의 주최자만 일정을 추가할 수 있습니다.",
            Self::Operator => "운영자만 사용할 수 있습니다.",
            Self::Oneself => "본인의 정보만 사용할 수 있습니다.",
            Self::OwnPage => "로그인 쿠키로는 이 서버의 페이지에서만 변경할 수 있습니다.",
        }
    }
}

impl Noun {
    fn english(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Concert => "concert",
            Self::Schedule => "schedule",
            Self::Seat => "seat",
            Self::Room => "room",
            Self::QueueToken => "queue token",
            Self::Reservation => "reservation",
            Self::Payment => "payment",
        }
    }

    fn korean(self) -> &'static str {
        match self {
            Self::User => "유저",
            Self::Concert => "콘서트",
            Self::Schedule => "일정",
            Self::Seat => "좌석",
            Self::Room => "대기실",
            Self::QueueToken => "대기열 토큰",
            Self::Reservation => "예약",
            Self::Payment => "결제",
        }
    }
}
