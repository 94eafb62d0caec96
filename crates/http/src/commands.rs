//! Commands with new ids.

use stagedoor_domain::operations::{ChangePoints, HoldSeats, Pay, PointChange, SeatChoice};
use stagedoor_domain::use_cases::QueuePass;
use stagedoor_domain::{
    Instant, PaymentId, PointEntryId, Points, ReservationId, ScheduleId, UserId,
};

use crate::ids;

pub(crate) fn hold(
    pass: &QueuePass,
    schedule_id: ScheduleId,
    choice: SeatChoice,
    expires_at: Instant,
) -> HoldSeats {
    HoldSeats {
        reservation_id: ReservationId(ids::new_uuid()),
        user_id: pass.user_id,
        token_id: pass.token_id,
        schedule_id,
        choice,
        expires_at,
        reference: None,
    }
}

pub(crate) fn pay(pass: &QueuePass, reservation_id: ReservationId) -> Pay {
    Pay {
        payment_id: PaymentId(ids::new_uuid()),
        entry_id: PointEntryId(ids::new_uuid()),
        user_id: pass.user_id,
        token_id: pass.token_id,
        room_id: pass.room_id,
        reservation_id,
    }
}

pub(crate) fn change_points(user_id: UserId, change: PointChange, amount: Points) -> ChangePoints {
    ChangePoints { entry_id: PointEntryId(ids::new_uuid()), user_id, change, amount }
}
