//! What belongs to the caller. What belongs to another user is answered as if it did not exist (rule 18).

use stagedoor_domain::ports::{PaymentDetails, TicketDetails};
use stagedoor_domain::{PaymentId, Reservation, ReservationId, TicketId};

use crate::auth::bearer::SignedIn;
use crate::services::Services;
use crate::wire::error::{ApiError, Resource};

pub(crate) async fn reservation(
    services: &Services,
    user: &SignedIn,
    id: ReservationId,
) -> Result<Reservation, ApiError> {
    let found = services.reservations.reservation(id).await?;
    let own = found.filter(|reservation| reservation.user_id == user.user_id);
    own.ok_or(ApiError::NotFound(Resource::Reservation))
}

pub(crate) async fn ticket(
    services: &Services,
    user: &SignedIn,
    id: TicketId,
) -> Result<TicketDetails, ApiError> {
    let found = services.tickets.read.ticket(id).await?;
    let own = found.filter(|details| details.ticket.holder_id == user.user_id);
    own.ok_or(ApiError::NotFound(Resource::Ticket))
}

pub(crate) async fn payment(
    services: &Services,
    user: &SignedIn,
    id: PaymentId,
) -> Result<PaymentDetails, ApiError> {
    let found = services.payments.payment(id).await?;
    let own = found.filter(|details| details.payment.user_id == user.user_id);
    own.ok_or(ApiError::NotFound(Resource::Payment))
}
