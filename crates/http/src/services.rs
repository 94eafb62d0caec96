//! What the handlers call.

use std::sync::Arc;

use stagedoor_domain::operations::{
    AskForPasswordReset, AskForVerification, BlockSeats, CancelByStaff, CancelConcert,
    CancelReservation, CancelSchedule, CancelTicket, ChangeDoorStaff, ChangeName, ChangePlan,
    ChangePoints, ChangePolicy, ChangePoster, ChangeRole, ChangeVenue, ChangeWebhook,
    CheckInTicket, CreateConcert, CreateHall, CreateSchedule, CreateVenue, CreateWebhook,
    DeleteConcert, EditConcert, EditSchedule, EndSessions, ExtendHold, GiveTickets, HoldSeats,
    LeaveRoom, Pay, PublishConcert, ReadUser, ReleaseHold, RemoveToken, ReplayEvents,
    ResetPassword, TransferTicket, UndoCheckIn, VerifyEmail,
};
use stagedoor_domain::ports::{
    Clock, Concerts, Doors, EndedSessions, Halls, Lines, Maintenance, OperatorActions, Orders,
    Payments, PointAccounts, PosterImages, RenderPosters, Reservations, Rooms, Schedules,
    ShowTickets, Submit, Tickets, Venues, Webhooks,
};
use stagedoor_domain::use_cases::{Admission, Checkout, People, WaitingRoom};

/// Where organizers and operators hand in what they change.
#[derive(Clone)]
pub struct Staff {
    pub edit_schedule: Arc<dyn Submit<EditSchedule>>,
    pub cancel_schedule: Arc<dyn Submit<CancelSchedule>>,
    pub block_seats: Arc<dyn Submit<BlockSeats>>,
    pub cancel_by_staff: Arc<dyn Submit<CancelByStaff>>,
    pub give_tickets: Arc<dyn Submit<GiveTickets>>,
    pub remove_token: Arc<dyn Submit<RemoveToken>>,
    pub change_role: Arc<dyn Submit<ChangeRole>>,
}

/// The use cases and ports that the handlers call.
#[derive(Clone)]
pub struct Services {
    pub clock: Arc<dyn Clock>,
    pub lines: Arc<dyn Lines>,
    pub maintenance: Arc<dyn Maintenance>,
    pub sessions: Arc<dyn EndedSessions>,
    pub people: People,
    pub waiting_room: WaitingRoom,
    pub admission: Admission,
    pub checkout: Checkout,
    pub concerts: Arc<dyn Concerts>,
    pub schedules: Arc<dyn Schedules>,
    pub venues: Arc<dyn Venues>,
    pub halls: Arc<dyn Halls>,
    pub rooms: Arc<dyn Rooms>,
    pub operator_actions: Arc<dyn OperatorActions>,
    pub webhooks: Arc<dyn Webhooks>,
    pub orders: Arc<dyn Orders>,
    pub reservations: Arc<dyn Reservations>,
    pub point_accounts: Arc<dyn PointAccounts>,
    pub payments: Arc<dyn Payments>,
    pub create_concert: Arc<dyn Submit<CreateConcert>>,
    pub edit_concert: Arc<dyn Submit<EditConcert>>,
    pub publish_concert: Arc<dyn Submit<PublishConcert>>,
    pub cancel_concert: Arc<dyn Submit<CancelConcert>>,
    pub delete_concert: Arc<dyn Submit<DeleteConcert>>,
    pub posters: Posters,
    pub create_schedule: Arc<dyn Submit<CreateSchedule>>,
    pub venue_changes: VenueChanges,
    pub webhook_changes: WebhookChanges,
    pub mails: Mails,
    pub change_policy: Arc<dyn Submit<ChangePolicy>>,
    pub leave_room: Arc<dyn Submit<LeaveRoom>>,
    pub hold_seats: Arc<dyn Submit<HoldSeats>>,
    pub release_hold: Arc<dyn Submit<ReleaseHold>>,
    pub extend_hold: Arc<dyn Submit<ExtendHold>>,
    pub change_points: Arc<dyn Submit<ChangePoints>>,
    pub pay: Arc<dyn Submit<Pay>>,
    pub cancel_reservation: Arc<dyn Submit<CancelReservation>>,
    pub tickets: TicketServices,
    pub doors: DoorServices,
    pub staff: Staff,
    pub read_user: Arc<dyn Submit<ReadUser>>,
    pub change_name: Arc<dyn Submit<ChangeName>>,
    pub end_sessions: Arc<dyn Submit<EndSessions>>,
    /// Writes all metrics in the Prometheus text format.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
}

/// What reads tickets, and changes them one by one.
#[derive(Clone)]
pub struct TicketServices {
    pub read: Arc<dyn Tickets>,
    pub show: Arc<dyn ShowTickets>,
    pub transfer_ticket: Arc<dyn Submit<TransferTicket>>,
    pub cancel_ticket: Arc<dyn Submit<CancelTicket>>,
}

/// What reads and changes at the doors of performances.
#[derive(Clone)]
pub struct DoorServices {
    pub read: Arc<dyn Doors>,
    pub check_in_ticket: Arc<dyn Submit<CheckInTicket>>,
    pub undo_check_in: Arc<dyn Submit<UndoCheckIn>>,
    pub change_door_staff: Arc<dyn Submit<ChangeDoorStaff>>,
}

/// Services that make, change and read the posters of concerts.
#[derive(Clone)]
pub struct Posters {
    pub render: Arc<dyn RenderPosters>,
    pub images: Arc<dyn PosterImages>,
    pub change_poster: Arc<dyn Submit<ChangePoster>>,
}

/// What changes venues, halls and their seat plans.
#[derive(Clone)]
pub struct VenueChanges {
    pub create_venue: Arc<dyn Submit<CreateVenue>>,
    pub change_venue: Arc<dyn Submit<ChangeVenue>>,
    pub create_hall: Arc<dyn Submit<CreateHall>>,
    pub change_plan: Arc<dyn Submit<ChangePlan>>,
}

/// What users ask of e-mail, and the links in it.
#[derive(Clone)]
pub struct Mails {
    pub ask_for_verification: Arc<dyn Submit<AskForVerification>>,
    pub ask_for_password_reset: Arc<dyn Submit<AskForPasswordReset>>,
    pub verify_email: Arc<dyn Submit<VerifyEmail>>,
    pub reset_password: Arc<dyn Submit<ResetPassword>>,
}

/// What changes webhooks, and delivers events again.
#[derive(Clone)]
pub struct WebhookChanges {
    pub create_webhook: Arc<dyn Submit<CreateWebhook>>,
    pub change_webhook: Arc<dyn Submit<ChangeWebhook>>,
    pub replay_events: Arc<dyn Submit<ReplayEvents>>,
}
