//! E-mail and the tokens of its links (rule 23).

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use stagedoor_domain::mail::{LEASE, Language, MailOutcome, TokenDigest, TokenRefused};
use stagedoor_domain::operations::{
    AskForPasswordReset, AskForVerification, ClaimMails, ClaimedMail, CreateUser, EditSchedule,
    FanOutEvents, HoldRefused, HoldSeats, RecordMail, ResetPassword, TellMoves, TermsEdit,
    VerifyEmail,
};
use stagedoor_domain::ports::Kept;
use stagedoor_domain::{
    BookingPolicy, Instant, MailKind, Reservation, ReservationId, Role, Schedule, Ticket, User,
    UserId,
};
use time::Duration;

use super::complimentary_tickets::by_staff;
use super::extend_and_cancel::cancellation;
use super::managed_schedules::an_edit;
use super::store::{Store, ask, together};
use super::tickets;
use super::world::{OPENING, POLICY, Show, World, at, release};

/// New tokens' digests, of which no other claim has one.
fn digests(most: usize) -> Vec<TokenDigest> {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let first = NEXT.fetch_add(most, Ordering::Relaxed);
    (first..first + most).map(|n| TokenDigest::new(format!("{n:064x}"))).collect()
}

/// Claims all that is due.
pub fn claim() -> ClaimMails {
    ClaimMails { digests: digests(50) }
}

/// The end of a claimed attempt.
pub fn ended(claimed: &ClaimedMail, outcome: MailOutcome) -> RecordMail {
    let mail = claimed.mail;
    RecordMail { id: mail.id, attempt: mail.attempts, outcome, jitter: 0 }
}

/// A sign-up that is told how to confirm the address.
pub fn sign_up<S: Store>(world: &World<S>) -> CreateUser {
    CreateUser { verification: Some(Language::En), ..world.sign_up(Role::Fan) }
}

pub fn ask_to_reset(user_id: UserId) -> AskForPasswordReset {
    AskForPasswordReset { user_id }
}

pub fn ask_to_verify(user_id: UserId) -> AskForVerification {
    AskForVerification { user_id, language: Language::Ko }
}

pub fn verify(claimed: &ClaimedMail) -> VerifyEmail {
    VerifyEmail { digest: claimed.digest.clone().expect("it has a link") }
}

pub fn reset(claimed: &ClaimedMail) -> ResetPassword {
    let digest = claimed.digest.clone().expect("it has a link");
    ResetPassword { digest, password_hash: "$argon2id$new".to_owned() }
}

impl<S: Store> World<S> {
    /// All that is due.
    pub async fn claimed_mails(&self, now: Instant) -> Vec<ClaimedMail> {
        self.done(claim(), now).await
    }

    async fn the_mail(&self, now: Instant) -> ClaimedMail {
        let mut claimed = self.claimed_mails(now).await;
        assert_eq!(claimed.len(), 1, "{claimed:?}");
        claimed.remove(0)
    }
}

/// A sign-up writes its e-mail, and the link in it confirms the address.
pub async fn a_confirmed_address_reads_back<S: Store>(store: S) {
    let world = World::new(store);
    let sign_up = sign_up(&world);
    let user_id = world.done(sign_up.clone(), OPENING).await.id;
    let before = world.stored_user(user_id).await;
    assert_eq!((before.contact.verified_at, before.contact.language), (None, Language::En));

    let claimed = world.the_mail(at(1)).await;
    assert_eq!((claimed.mail.user_id, claimed.mail.kind), (user_id, MailKind::VerifyAddress));
    assert_eq!((claimed.mail.attempts, claimed.mail.created_at), (1, OPENING));
    assert_eq!((claimed.to.email.clone(), claimed.to.language), (sign_up.email, Language::En));
    world.done(verify(&claimed), at(2)).await;

    let mut expected: User = before;
    expected.contact.verified_at = Some(at(2));
    assert_eq!(world.stored_user(user_id).await, expected);
}

/// A link sets a new password once, and ends all sessions.
pub async fn a_reset_password_reads_back_and_its_link_works_once<S: Store>(store: S) {
    let world = World::new(store);
    let user_id = world.user(Role::Fan).await;
    world.done(ask_to_reset(user_id), at(1)).await;
    world.done(ask_to_reset(user_id), at(2)).await;
    let claimed = world.the_mail(at(3)).await;

    world.done(reset(&claimed), at(4)).await;

    let user = world.stored_user(user_id).await;
    assert_eq!(user.password_hash, "$argon2id$new");
    assert_eq!((user.sessions.version, user.sessions.ended_at), (1, Some(at(4))));
    assert_eq!(world.ask(reset(&claimed), at(5)).await, Err(TokenRefused));
    assert_eq!(world.ask(verify(&claimed), at(5)).await, Err(TokenRefused));
}

/// The language is that of the last request of the user.
pub async fn a_user_who_asks_again_gets_the_e_mail_in_the_language_of_the_request<S: Store>(
    store: S,
) {
    let world = World::new(store);
    let user_id = world.done(sign_up(&world), OPENING).await.id;
    world.done(ask_to_verify(user_id), at(60)).await;

    let claimed = world.claimed_mails(at(61)).await;

    let languages: Vec<_> = claimed.iter().map(|it| it.to.language).collect();
    assert_eq!(languages, [Language::Ko; 2]);
}

/// Every state of an e-mail reads back.
pub async fn an_e_mail_is_claimed_until_it_is_sent_or_refused<S: Store>(store: S) {
    let world = World::new(store);
    for outcome in [MailOutcome::Sent, MailOutcome::Refused] {
        world.done(sign_up(&world), OPENING).await;
        let first = world.the_mail(at(0)).await;
        assert_eq!(world.claimed_mails(at(1)).await, []);
        assert!(world.done(ended(&first, MailOutcome::Postponed), at(1)).await);
        assert_eq!(world.claimed_mails(at(5)).await, []);

        let second = world.the_mail(at(6)).await;
        assert_eq!((second.mail.id, second.mail.attempts), (first.mail.id, 2));
        // The process that has it does not answer.
        let lease = LEASE.whole_seconds();
        assert_eq!(world.claimed_mails(at(5 + lease)).await, []);
        let third = world.the_mail(at(6 + lease)).await;
        assert!(!world.done(ended(&second, outcome), at(6 + lease)).await);
        assert!(world.done(ended(&third, outcome), at(6 + lease)).await);

        assert_eq!(world.claimed_mails(at(100_000)).await, []);
    }
}

/// The earliest go first, up to the number that is asked for.
pub async fn e_mails_are_claimed_in_order_and_in_a_bounded_number<S: Store>(store: S) {
    let world = World::new(store);
    let mut signed_up = Vec::new();
    for seconds in 0..3 {
        signed_up.push(world.done(sign_up(&world), at(seconds)).await.id);
    }

    let first = world.done(ClaimMails { digests: digests(2) }, at(5)).await;
    let rest = world.claimed_mails(at(5)).await;

    let users = |claimed: &[ClaimedMail]| -> Vec<UserId> {
        claimed.iter().map(|it| it.mail.user_id).collect()
    };
    assert_eq!(users(&first), signed_up[..2]);
    assert_eq!(users(&rest), signed_up[2..]);
}

/// Two processes that send at once share what is due.
pub async fn processes_that_send_at_once_begin_each_attempt_once<S: Store>(store: S) {
    let world = World::new(store.clone());
    for _ in 0..20 {
        world.done(sign_up(&world), OPENING).await;
    }
    let stores = vec![store; 4].into_iter();
    let claims = stores.map(|store| async move { ask(&store, claim(), at(1)).await });

    let claimed =
        together(claims).await.into_iter().flat_map(|claimed| claimed.expect("no rule refuses"));
    let mut ids: Vec<_> = claimed.map(|it| it.mail.id).collect();
    ids.extend(world.claimed_mails(at(1)).await.iter().map(|it| it.mail.id));

    assert_eq!(ids.len(), 20);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 20);
}

/// A payment and its cancellation are told to the holder, a released hold is not.
pub async fn a_paid_and_a_cancelled_reservation_are_told_by_e_mail<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 3).await;
    let fan = world.fan(show.room_id).await;
    world.charge(fan.user_id, 50_000).await;
    let paid = world.held(fan, &show, &[1], OPENING).await;
    let released = world.held(fan, &show, &[2], OPENING).await;
    world.done(world.pay(fan, paid.id), at(1)).await;
    world.done(release(&released), at(1)).await;
    world.told(at(2)).await;

    let tickets = world.the_mail(at(2)).await;
    assert_eq!((tickets.mail.kind, tickets.digest), (MailKind::Tickets, None));
    assert_eq!((tickets.mail.user_id, tickets.mail.id.subject_id), (fan.user_id, paid.id.0));
    world.done(cancellation(&world, &paid), at(3)).await;
    world.told(at(3)).await;

    let refund = world.the_mail(at(3)).await;
    assert_eq!((refund.mail.kind, refund.mail.id.subject_id), (MailKind::Refund, paid.id.0));
}

/// All e-mails that are due, by user and kind.
async fn due<S: Store>(world: &World<S>, now: Instant) -> Vec<(UserId, MailKind)> {
    let claimed = world.claimed_mails(now).await;
    let mut due: Vec<_> = claimed.iter().map(|it| (it.mail.user_id, it.mail.kind)).collect();
    due.sort();
    due
}

/// A payer with two tickets, of which another user gets one, and the rest of the evening.
async fn a_transfer_is_told<S: Store>(
    world: &World<S>,
) -> (Show, Reservation, UserId, Vec<Ticket>) {
    let show = world.open_show(1, 3).await;
    let fan = world.fan(show.room_id).await;
    world.charge(fan.user_id, 50_000).await;
    let paid = world.held(fan, &show, &[1, 2], OPENING).await;
    world.done(world.pay(fan, paid.id), at(1)).await;
    let tickets = tickets::of(world, &paid).await;
    let to = world.user(Role::Fan).await;
    world.done(tickets::transfer(world, &tickets[0], to), at(2)).await;
    world.told(at(2)).await;
    let expected = [(fan.user_id, MailKind::Tickets), (to, MailKind::TicketReceived)];
    let due = due(world, at(2)).await;
    assert_eq!(due.iter().collect::<BTreeSet<_>>(), expected.iter().collect());
    (show, paid, to, tickets)
}

impl<S: Store> World<S> {
    /// All events are fanned out.
    async fn told(&self, now: Instant) {
        while self.done(FanOutEvents { mails: true }, now).await > 0 {}
    }
}

/// The recipient of a ticket is told, the payer of a refund, and when all is cancelled each of them.
pub async fn transfers_and_cancelled_seats_are_told_by_e_mail<S: Store>(store: S) {
    let world = World::new(store);
    let (show, paid, to, tickets) = a_transfer_is_told(&world).await;
    world.done(tickets::cancellation(&world, &tickets[1]), at(3)).await;
    world.told(at(3)).await;
    assert_eq!(due(&world, at(3)).await, [(paid.user_id, MailKind::TicketRefund)]);

    world.done(by_staff(&world, show.organizer_id, &paid), at(4)).await;
    world.told(at(4)).await;

    let expected = [(paid.user_id, MailKind::Refund), (to, MailKind::TicketCancelled)];
    let due = due(&world, at(4)).await;
    assert_eq!(due.iter().collect::<BTreeSet<_>>(), expected.iter().collect());
}

async fn the_date<S: Store>(world: &World<S>, show: &Show) -> Schedule {
    let date = world.store.schedule(show.schedule_id).await.expect("the store reads");
    date.expect("there is such a date")
}

/// Moves a date by an hour.
pub async fn a_move<S: Store>(world: &World<S>, show: &Show) -> EditSchedule {
    let date = the_date(world, show).await;
    let (starts_at, ends_at) = (date.starts_at + Duration::HOUR, date.ends_at + Duration::HOUR);
    let (starts_at, ends_at) = (Some(starts_at), Some(ends_at));
    an_edit(world, show, TermsEdit { starts_at, ends_at, ..TermsEdit::default() })
}

/// Each holder is told of a move once, also those of transferred tickets, and no one of another date.
pub async fn holders_are_told_of_a_move_once<S: Store>(store: S) {
    let world = World::new(store);
    let (show, paid, to, _) = a_transfer_is_told(&world).await;
    assert_eq!(world.done(TellMoves, at(3)).await, 0);

    let edited = world.done(a_move(&world, &show).await, at(3)).await;
    assert_eq!(edited.moved.and_then(|moved| moved.told_to), Some(ReservationId::FIRST));
    assert_eq!(world.done(TellMoves, at(4)).await, 1);

    let expected = [(paid.user_id, MailKind::Moved), (to, MailKind::TicketMoved)];
    let due = due(&world, at(4)).await;
    assert_eq!(due.iter().collect::<BTreeSet<_>>(), expected.iter().collect());
    let moved = the_date(&world, &show).await.moved;
    assert_eq!(moved.map(|moved| moved.told_to), Some(None));
    assert_eq!(world.done(TellMoves, at(4)).await, 0);
}

/// Booking may require a confirmed address.
pub async fn only_a_confirmed_address_holds_seats_if_that_is_required<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 3).await;
    let fan = world.fan(show.room_id).await;
    let policy = BookingPolicy { needs_verified_email: true, ..POLICY };
    let hold = HoldSeats { policy, ..world.hold(fan, &show, &[1]) };
    assert_eq!(world.ask(hold.clone(), at(1)).await, Err(HoldRefused::EmailNotVerified));
    world.done(ask_to_verify(fan.user_id), at(1)).await;
    let claimed = world.the_mail(at(1)).await;

    world.done(verify(&claimed), at(1)).await;

    assert!(world.ask(hold, at(1)).await.is_ok());
}

/// What was sent, and tokens that have expired, are deleted after a time; what is open stays.
pub async fn old_e_mails_and_tokens_are_deleted<S: Store>(store: S) {
    let world = World::new(store);
    world.done(sign_up(&world), OPENING).await;
    let sent = world.the_mail(OPENING).await;
    world.done(ended(&sent, MailOutcome::Sent), OPENING).await;
    world.done(sign_up(&world), OPENING).await;
    let after = OPENING + Duration::days(3) + Duration::SECOND;

    let deleted =
        world.store.delete_old(Kept::Events, after, 100).await.expect("the store deletes");

    assert_eq!(deleted, 1);
    assert_eq!(world.ask(verify(&sent), at(1)).await, Err(TokenRefused));
    assert_eq!(world.claimed_mails(at(2)).await.len(), 1);
}
