//! A store as the contract sees it, and how the contract asks it.

use std::future::Future;

use stagedoor_domain::operations::{
    Admit, AskForPasswordReset, AskForVerification, BlockSeats, CancelByStaff, CancelConcert,
    CancelReservation, CancelSchedule, CancelTicket, ChangeDoorStaff, ChangeName, ChangePassword,
    ChangePlan, ChangePoints, ChangePolicy, ChangePoster, ChangeRole, ChangeVenue, ChangeWebhook,
    CheckInTicket, ClaimDeliveries, ClaimMails, CreateConcert, CreateHall, CreateSchedule,
    CreateUser, CreateVenue, CreateWebhook, DeleteConcert, DeleteUser, EditConcert, EditSchedule,
    EndSessions, ExpireHolds, ExpireTokens, ExtendHold, FanOutEvents, FillRange, GiveTickets,
    HoldSeats, JoinRoom, KeepWaiting, LeaveRoom, Pay, PublishConcert, ReadUser, RecordAttempt,
    RecordHeartbeats, RecordMail, ReleaseHold, RemoveToken, RepairTickets, ReplayEvents,
    ReserveNumber, ResetPassword, SetUpSite, SettleCancelled, TellMoves, TransferTicket,
    UndoCheckIn, VerifyEmail, VoidRange,
};
use stagedoor_domain::ports::{
    Audit, Concerts, Doors, Events, Execute, Halls, Maintenance, OperatorActions, Orders, Payments,
    PointAccounts, PosterImages, QueueTokens, Reservations, Rooms, Schedules, Tickets, Users,
    Venues, WaitingLines, Webhooks,
};
use stagedoor_domain::{Command, Idempotency, Instant, Key, Submission, UserId, Verdict};

macro_rules! bundle {
    ($(#[$doc:meta])* $name:ident: $($part:path),* $(,)?) => {
        $(#[$doc])*
        pub trait $name: $($part +)* Clone + 'static {}
        impl<S: $($part +)* Clone + 'static> $name for S {}
    };
}

bundle! {
    /// Every port that a store implements.
    Store:
    Execute<Admit>, Execute<ChangePoints>, Execute<ChangePolicy>, Execute<CreateConcert>,
    Execute<CreateVenue>, Execute<ChangeVenue>, Execute<CreateHall>, Execute<ChangePlan>,
    Execute<CreateSchedule>, Execute<CreateUser>, Execute<ExpireHolds>, Execute<ExpireTokens>,
    Execute<EditConcert>, Execute<ChangePoster>, Execute<PublishConcert>, Execute<CancelConcert>, Execute<DeleteConcert>,
    Execute<CancelReservation>, Execute<ExtendHold>, Execute<ReleaseHold>, Execute<HoldSeats>, Execute<JoinRoom>, Execute<LeaveRoom>, Execute<Pay>,
    Execute<ChangeName>, Execute<ChangePassword>, Execute<EndSessions>, Execute<ReadUser>, Execute<RecordHeartbeats>, Execute<KeepWaiting>, Execute<SetUpSite>,
    Execute<ReserveNumber>, Execute<FillRange>, Execute<VoidRange>,
    Execute<EditSchedule>, Execute<CancelSchedule>, Execute<SettleCancelled>, Execute<BlockSeats>, Execute<GiveTickets>, Execute<CancelTicket>, Execute<TransferTicket>, Execute<CheckInTicket>, Execute<UndoCheckIn>, Execute<ChangeDoorStaff>, Execute<RepairTickets>, Tickets, Doors, Execute<CancelByStaff>, Execute<RemoveToken>, Execute<ChangeRole>, Execute<DeleteUser>, Execute<CreateWebhook>, Execute<ChangeWebhook>, Execute<ReplayEvents>, Execute<FanOutEvents>, Execute<ClaimDeliveries>, Execute<RecordAttempt>,
    Execute<AskForVerification>, Execute<AskForPasswordReset>, Execute<ClaimMails>, Execute<RecordMail>, Execute<VerifyEmail>, Execute<ResetPassword>, Execute<TellMoves>, Webhooks, Events, Users, Concerts, PosterImages, Venues, Halls, Schedules, Rooms, QueueTokens, WaitingLines, Reservations, Orders,
    PointAccounts, Payments, OperatorActions, Maintenance, Audit,
}

/// Has submissions carried out as one batch.
pub async fn execute<C: Command>(
    store: &impl Execute<C>,
    submissions: &[Submission<C>],
    now: Instant,
) -> Vec<Verdict<C>> {
    let verdicts = store.execute(submissions, now).await.expect("the store carries the batch out");
    assert_eq!(verdicts.len(), submissions.len(), "one verdict for each request");
    verdicts
}

/// What a rule says to a command without a key.
pub type Ruling<C> = Result<<C as Command>::Success, <C as Command>::Refusal>;

/// Has commands without keys carried out as one batch.
pub async fn ask_all<C: Command>(
    store: &impl Execute<C>,
    commands: impl IntoIterator<Item = C>,
    now: Instant,
) -> Vec<Ruling<C>> {
    let submissions: Vec<_> = commands.into_iter().map(Submission::new).collect();
    let verdicts = execute(store, &submissions, now).await;
    let ruling = |refused| C::Key::rule(refused).expect("no key was reused");
    verdicts.into_iter().map(|verdict| verdict.map_err(ruling)).collect()
}

/// Has one command without a key carried out.
pub async fn ask<C: Command>(store: &impl Execute<C>, command: C, now: Instant) -> Ruling<C> {
    ask_all(store, [command], now).await.remove(0)
}

/// A request under a key.
pub fn keyed<C>(owner: UserId, key: &str, fingerprint: &str, command: C) -> Submission<C>
where
    C: Command<Key = Idempotency>,
{
    let key = Idempotency { owner, key: key.to_owned(), fingerprint: fingerprint.to_owned() };
    Submission { command, key: Some(key) }
}

/// Has one request carried out under a key.
pub async fn ask_keyed<C: Command>(
    store: &impl Execute<C>,
    submission: Submission<C>,
    now: Instant,
) -> Verdict<C> {
    execute(store, &[submission], now).await.remove(0)
}

/// Runs tasks at once and waits for all of them.
pub async fn together<T, F>(tasks: impl IntoIterator<Item = F>) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let running: Vec<_> = tasks.into_iter().map(tokio::spawn).collect();
    let mut answers = Vec::with_capacity(running.len());
    for task in running {
        answers.push(task.await.expect("the task runs to its end"));
    }
    answers
}

/// Checks that the store breaks no invariant, as of `now`.
pub async fn assert_sound(store: &impl Store, now: Instant) {
    assert_eq!(store.audit(now).await, Ok(Vec::new()));
}
