use std::time::Duration;

use stagedoor_domain::{Invalid, ReservationId, Rule};
use uuid::Uuid;

use super::Operation::{Book, Charge, Enter, Pay, ReadAccount};
use super::*;
use crate::wire::RequiredAccess;
use crate::wire::error::Retry;

fn invalid(field: &'static str) -> ApiError {
    ApiError::from(Invalid::new(field, Rule::Between(1, 9)))
}

#[test]
fn each_operation_has_the_contracts_own_answer_to_who_may_not() {
    let not_let_in = [
        ApiError::Unauthenticated,
        ApiError::TokenWaiting,
        ApiError::TokenExpired,
        ApiError::Forbidden(RequiredAccess::QueueToken),
        ApiError::Forbidden(RequiredAccess::Oneself),
    ];
    let table = [
        (Enter, CANNOT_ENTER),
        (Book, NO_SERVICE),
        (Charge, NO_USER),
        (ReadAccount, NO_USER),
        (Pay, NO_TICKET),
    ];
    for (operation, expected) in table {
        for error in &not_let_in {
            assert_eq!(operation.refusal(error), Some(expected), "{operation:?} {error:?}");
        }
    }
}

#[test]
fn each_operation_has_the_contracts_own_answer_where_it_names_one() {
    let limited = || ApiError::RateLimited { wait: Duration::from_secs(1) };
    let nothing = |noun| ApiError::NotFound(noun);
    let table = [
        (Enter, nothing(Resource::Concert), Some(CANNOT_ENTER)),
        (Enter, invalid("userId"), Some(CANNOT_ENTER)),
        (Enter, limited(), None),
        (Enter, ApiError::Overloaded, None),
        (Enter, ApiError::Internal, None),
        (Book, nothing(Resource::Concert), Some(NO_CONCERT)),
        (Book, nothing(Resource::Schedule), Some(NO_CONCERT)),
        (Book, nothing(Resource::Seat), Some(NO_CONCERT)),
        (Book, ApiError::SeatTaken, Some(SEAT_TAKEN)),
        (Book, ApiError::AlreadyHeld(ReservationId(Uuid::nil())), Some(SEAT_TAKEN)),
        (Book, ApiError::HoldExpired, None),
        (Book, invalid("amount"), None),
        (Charge, nothing(Resource::User), Some(NO_USER)),
        (Charge, ApiError::BalanceTooLarge, Some(NO_SUCH_AMOUNT)),
        (Charge, invalid("amount"), Some(NO_SUCH_AMOUNT)),
        (Charge, invalid("userId"), None),
        (Charge, ApiError::SeatTaken, None),
        (ReadAccount, nothing(Resource::User), Some(NO_BALANCE)),
        (ReadAccount, ApiError::BalanceTooLarge, None),
        (ReadAccount, invalid("amount"), None),
        (Pay, nothing(Resource::Reservation), Some(NO_TICKET)),
        (Pay, ApiError::AlreadyPaid(None), Some(NO_TICKET)),
        (Pay, ApiError::ReservationCancelled, Some(NO_TICKET)),
        (Pay, nothing(Resource::User), None),
        (Pay, ApiError::HoldExpired, Some(HOLD_EXPIRED)),
        (Pay, ApiError::InsufficientPoints, Some(TOO_FEW_POINTS)),
        (Pay, ApiError::SeatTaken, None),
        (Book, ApiError::InsufficientPoints, None),
    ];
    for (operation, error, expected) in table {
        assert_eq!(operation.refusal(&error), expected, "{operation:?} {error:?}");
    }
}

#[test]
fn a_refusal_is_not_stored_by_caches_and_a_401_names_the_scheme() {
    let table = [
        (ApiError::Unauthenticated, 401, Some("Bearer")),
        (ApiError::NotFound(Resource::Concert), 404, None),
        (ApiError::Overloaded, 503, None),
    ];
    for (error, status, scheme) in table {
        let answer = Book.refuse(&error);
        let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok());
        assert_eq!(answer.status().as_u16(), status);
        assert_eq!(header(header::CACHE_CONTROL), Some("no-store"));
        assert_eq!(header(header::WWW_AUTHENTICATE), scheme);
        let retry = answer.extensions().get::<Retry>().is_some();
        assert_eq!(retry, status == 503, "Retry-After");
    }
}
