//! E-mail and the links in it (rule 23).

use stagedoor_domain::mail::{
    JITTER_MAX, LEASE, Language, MailOutcome, MailState, TokenDigest, TokenRefused,
};
use stagedoor_domain::operations::{
    AskForPasswordReset, AskForVerification, ClaimMails, CreateUser, FanOutEvents, HoldRefused,
    RecordMail, ResetPassword, TellMoves, VerifyEmail,
};
use stagedoor_domain::{
    BookingPolicy, Instant, Mail, MailId, MailKind, MailToken, Moved, Reason, ReservationId, Role,
    Schedule, ScheduleCancelled, Ticket, User, UserId,
};
use time::Duration;

use crate::builders::*;
use crate::world::{World, seats_one_and_two_are_held};

const OLD: &str = "$argon2id$old";
const NEW: &str = "$argon2id$new";

pub fn digest(n: usize) -> TokenDigest {
    TokenDigest::new(format!("{n:064x}"))
}

pub fn claim_mails(most: usize) -> ClaimMails {
    ClaimMails { digests: (1..=most).map(digest).collect() }
}

pub fn ask_to_verify(n: u8) -> AskForVerification {
    AskForVerification { user_id: user(n.into()), language: Language::En }
}

pub fn ask_to_reset(n: u8) -> AskForPasswordReset {
    AskForPasswordReset { user_id: user(n.into()) }
}

pub fn verify(n: usize) -> VerifyEmail {
    VerifyEmail { digest: digest(n) }
}

pub fn reset(n: usize) -> ResetPassword {
    ResetPassword { digest: digest(n), password_hash: NEW.to_owned() }
}

/// The first attempt of user 1's e-mail of a kind, written at [`NOW`], ends.
pub fn mail_ended(kind: MailKind, outcome: MailOutcome) -> RecordMail {
    let id = Mail::of_account(user(1), kind, NOW).id;
    RecordMail { id, attempt: 1, outcome, jitter: 0 }
}

/// Users 1 and 2 have passwords.
fn two_users() -> World {
    World::default()
        .with([1, 2].map(|n| User { password_hash: OLD.to_owned(), ..a_user(n, Role::Fan) }))
}

/// User 1 has asked for an e-mail of a kind, and it is being sent with a token whose digest is 1.
fn a_sent_link(kind: MailKind) -> World {
    let mut world = two_users();
    match kind {
        MailKind::ResetPassword => world.decide(ask_to_reset(1), NOW).unwrap(),
        _ => world.decide(ask_to_verify(1), NOW).unwrap(),
    }
    assert_eq!(world.decide(claim_mails(1), NOW).unwrap().len(), 1);
    world
}

fn kinds(world: &World) -> Vec<MailKind> {
    world.all::<Mail>().map(|mail| mail.kind).collect()
}

fn the_mail(world: &World) -> Mail {
    *world.all::<Mail>().next().unwrap()
}

#[test]
fn a_sign_up_is_told_how_to_confirm_the_address_if_there_is_e_mail() {
    for (verification, expected) in
        [(None, vec![]), (Some(Language::En), vec![MailKind::VerifyAddress])]
    {
        let mut world = World::default();

        world.decide(CreateUser { verification, ..sign_up(1, 1) }, NOW).unwrap();

        assert_eq!(kinds(&world), expected);
        let contact = world.get::<User>(user(1)).contact;
        assert_eq!(contact.language, verification.unwrap_or_default());
        assert_eq!(contact.verified_at, None);
    }
}

#[test]
fn an_account_gets_one_e_mail_of_a_kind_in_a_minute() {
    let mut world = two_users();
    for _ in 0..2 {
        world.decide(ask_to_verify(1), NOW).unwrap();
        world.decide(ask_to_reset(1), NOW).unwrap();
        world.decide(ask_to_reset(2), NOW).unwrap();
    }
    assert_eq!(kinds(&world).len(), 3);

    world.decide(ask_to_reset(1), NOW + Duration::MINUTE).unwrap();

    assert_eq!(kinds(&world).len(), 4);
}

#[test]
fn who_cannot_use_a_link_gets_none() {
    let mut world = two_users().with([a_user(3, Role::Fan)]);
    let guest = User { password_hash: User::NO_PASSWORD.to_owned(), ..a_user(4, Role::Fan) };
    let mut verified = a_user(5, Role::Fan);
    verified.contact.verified_at = Some(NOW);
    world = world.with([guest, verified]);

    world.decide(ask_to_reset(4), NOW).unwrap();
    world.decide(ask_to_reset(9), NOW).unwrap();
    world.decide(ask_to_verify(5), NOW).unwrap();
    world.decide(ask_to_verify(9), NOW).unwrap();

    assert_eq!(kinds(&world), []);
}

#[test]
fn an_attempt_has_a_token_of_its_own_whose_digest_alone_is_kept() {
    let mut world = a_sent_link(MailKind::VerifyAddress);

    assert_eq!(world.decide(claim_mails(1), NOW + LEASE - TICK).unwrap(), []);
    let again = ClaimMails { digests: vec![digest(2), digest(3)] };
    let claimed = world.decide(again, NOW + LEASE).unwrap();

    let [claimed] = &claimed[..] else { panic!("{claimed:?}") };
    assert_eq!((claimed.mail.attempts, &claimed.digest), (2, &Some(digest(2))));
    assert_eq!(claimed.to.email, a_user(1, Role::Fan).email);
    assert_eq!(claimed.to.language, Language::En);
    let digests: Vec<_> = world.all::<MailToken>().map(|token| token.digest.clone()).collect();
    assert_eq!(digests, [digest(1), digest(2)]);
}

#[test]
fn a_link_confirms_the_address_and_again_changes_nothing() {
    let mut world = a_sent_link(MailKind::VerifyAddress);
    world.decide(verify(1), NOW + TICK).unwrap();
    let verified = world.get::<User>(user(1)).clone();
    assert_eq!(verified.contact.verified_at, Some(NOW + TICK));

    world.decide(verify(1), NOW + Duration::DAY).unwrap();

    assert_eq!(world.get::<User>(user(1)), &verified);
    assert_eq!(world.refusal(verify(1), NOW + Duration::days(3)), TokenRefused);
    assert_eq!(world.refusal(verify(2), NOW), TokenRefused);
    assert_eq!(world.refusal(reset(1), NOW), TokenRefused);
}

#[test]
fn a_password_is_reset_once_and_ends_all_sessions() {
    let mut world = a_sent_link(MailKind::ResetPassword);
    assert_eq!(world.refusal(verify(1), NOW), TokenRefused);

    world.decide(reset(1), NOW + TICK).unwrap();

    let user = world.get::<User>(user(1));
    assert_eq!(user.password_hash, NEW);
    assert_eq!((user.sessions.version, user.sessions.ended_at), (1, Some(NOW + TICK)));
    assert_eq!(user.contact.verified_at, Some(NOW + TICK));
    assert_eq!(world.refusal(reset(1), NOW + TICK), TokenRefused);
    assert_eq!(world.get::<User>(crate::builders::user(2)).password_hash, OLD);
}

#[test]
fn a_reset_expires_after_half_an_hour_and_with_any_other_new_password() {
    let mut world = a_sent_link(MailKind::ResetPassword);
    let end = NOW + Duration::minutes(30);
    assert_eq!(world.refusal(reset(1), end), TokenRefused);

    world.decide(change_password(1, OLD, "$argon2id$other"), NOW).unwrap();

    assert_eq!(world.refusal(reset(1), NOW), TokenRefused);
}

#[test]
fn a_postponed_e_mail_is_tried_again_ever_later_and_at_most_for_its_time() {
    for (kind, time) in
        [(MailKind::VerifyAddress, Duration::DAY), (MailKind::ResetPassword, Duration::HOUR)]
    {
        let mut world = a_sent_link(kind);
        let mut now = NOW;
        let mut pauses = Vec::new();
        loop {
            let attempt = the_mail(&world).attempts;
            let ended = RecordMail { attempt, ..mail_ended(kind, MailOutcome::Postponed) };
            assert!(world.decide(ended, now).unwrap());
            let Some(due_at) = the_mail(&world).due_at() else { break };
            pauses.push((due_at - now).whole_seconds());
            now = due_at;
            world.decide(claim_mails(1), now).unwrap();
        }
        assert_eq!(the_mail(&world).state, MailState::Failed);
        assert!(NOW + time - Duration::HOUR <= now && now < NOW + time, "{kind:?} {now:?}");
        assert_eq!(pauses[..4], [5, 20, 80, 320]);
        assert!(pauses.iter().all(|pause| *pause <= 3_600), "{pauses:?}");
    }
}

#[test]
fn jitter_makes_a_pause_longer_by_a_quarter_at_most() {
    for (jitter, expected) in
        [(0, 5_000), (JITTER_MAX / 2, 5_625), (JITTER_MAX, 6_250), (9_999, 6_250)]
    {
        let mut mail = Mail::of_account(user(1), MailKind::VerifyAddress, NOW);
        mail.begin(NOW);
        mail.record(MailOutcome::Postponed, jitter, NOW);
        assert_eq!(mail.due_at(), Some(NOW + Duration::milliseconds(expected)), "{jitter}");
    }
}

#[test]
fn what_was_sent_or_refused_is_not_tried_again() {
    for (outcome, state) in
        [(MailOutcome::Sent, MailState::Sent), (MailOutcome::Refused, MailState::Failed)]
    {
        let mut world = a_sent_link(MailKind::VerifyAddress);
        let ended = mail_ended(MailKind::VerifyAddress, outcome);
        assert!(!world.decide(RecordMail { attempt: 2, ..ended.clone() }, NOW).unwrap());
        assert!(world.decide(ended.clone(), NOW).unwrap());

        assert_eq!(the_mail(&world).state, state);
        assert!(!world.decide(ended, NOW).unwrap());
        assert_eq!(world.decide(claim_mails(1), NOW + Duration::DAY).unwrap(), []);
    }
}

/// The e-mails about reservation 1 after its events so far.
fn told(world: &mut World, mails: bool, now: Instant) -> Vec<(MailKind, MailId)> {
    world.decide(FanOutEvents { mails }, now).unwrap();
    world.all::<Mail>().map(|mail| (mail.kind, mail.id)).collect()
}

#[test]
fn a_payment_and_its_cancellation_are_told_once_and_a_released_hold_is_not() {
    let mut world = seats_one_and_two_are_held().with([a_user(1, Role::Fan)]);
    let id = |number| MailId { subject_id: reservation(1).0, number };
    assert_eq!(told(&mut world, true, NOW), []);

    world.decide(pay(1), NOW).unwrap();
    let tickets = (MailKind::Tickets, id(3));
    assert_eq!(told(&mut world, true, NOW), [tickets]);
    assert_eq!(told(&mut world, true, NOW), [tickets]);
    world.decide(cancel(1), NOW).unwrap();
    assert_eq!(told(&mut world, true, NOW), [tickets, (MailKind::Refund, id(4))]);

    let mut world = seats_one_and_two_are_held();
    world.decide(release(1), NOW).unwrap();
    assert_eq!(told(&mut world, true, NOW), []);

    let mut world = seats_one_and_two_are_held();
    world.decide(pay(1), NOW).unwrap();
    assert_eq!(told(&mut world, false, NOW), []);
    assert_eq!(told(&mut world, true, NOW), []);
}

/// User 1 has paid for seats 1 and 2, and has transferred the ticket of the first one to user 2.
fn a_transferred_ticket() -> (World, Ticket) {
    let mut world = seats_one_and_two_are_held().with([1, 2].map(|n| a_user(n, Role::Fan)));
    world.decide(pay(1), NOW).unwrap();
    world.decide(FanOutEvents { mails: true }, NOW).unwrap();
    world.decide(transfer(10, 1, 2), NOW + TICK).unwrap();
    let new = world.all::<Ticket>().find(|ticket| ticket.holder_id == user(2)).unwrap().clone();
    (world, new)
}

/// Who gets which e-mail, beside the first one with the tickets.
fn told_besides(world: &World) -> Vec<(UserId, MailKind)> {
    let all = world.all::<Mail>().filter(|mail| mail.kind != MailKind::Tickets);
    let mut all: Vec<_> = all.map(|mail| (mail.user_id, mail.kind)).collect();
    all.sort();
    all
}

#[test]
fn the_recipient_of_a_ticket_is_told_of_it() {
    let (mut world, _) = a_transferred_ticket();

    for _ in 0..2 {
        world.decide(FanOutEvents { mails: true }, NOW + TICK).unwrap();
    }

    assert_eq!(told_besides(&world), [(user(2), MailKind::TicketReceived)]);
}

#[test]
fn the_payer_is_told_of_the_refund_of_a_single_seat() {
    let (mut world, _) = a_transferred_ticket();
    world.decide(FanOutEvents { mails: true }, NOW + TICK).unwrap();

    world.decide(cancel_ticket(11, 1), NOW + TICK).unwrap();
    world.decide(FanOutEvents { mails: true }, NOW + TICK).unwrap();

    let received = (user(2), MailKind::TicketReceived);
    assert_eq!(told_besides(&world), [(user(1), MailKind::TicketRefund), received]);
}

#[test]
fn staff_who_cancel_a_reservation_have_all_told_who_hold_its_tickets() {
    let (mut world, _) = a_transferred_ticket();
    world.decide(FanOutEvents { mails: true }, NOW + TICK).unwrap();

    world.decide(crate::manage_schedule::ended_by(9, 1), NOW + TICK).unwrap();
    world.decide(FanOutEvents { mails: true }, NOW + TICK).unwrap();

    let received = (user(2), MailKind::TicketReceived);
    let cancelled = (user(2), MailKind::TicketCancelled);
    assert_eq!(told_besides(&world), [(user(1), MailKind::Refund), received, cancelled]);
}

fn is_told(world: &World) -> bool {
    world.get::<Schedule>(schedule(1)).moved.unwrap().told_to.is_none()
}

/// The date is moved to begin a second later.
fn moved(world: World, told_to: Option<ReservationId>, version: i64) -> World {
    let before = world.get::<Schedule>(schedule(1)).clone();
    let (from, refundable_until) = (before.starts_at, before.starts_at);
    let moved = Some(Moved { at: NOW, from, refundable_until, told_to });
    world.with([Schedule { moved, version, ..before }])
}

#[test]
fn each_holder_is_told_once_of_each_move() {
    let (world, ticket) = a_transferred_ticket();
    let mut world = moved(world, Some(ReservationId::FIRST), 5);

    assert_eq!(world.decide(TellMoves, NOW).unwrap(), 1);
    assert!(is_told(&world));
    assert_eq!(world.decide(TellMoves, NOW).unwrap(), 0);

    let both = [(user(1), MailKind::Moved), (user(2), MailKind::TicketMoved)];
    assert_eq!(told_besides(&world), both);
    let subjects = |world: &World| -> Vec<_> {
        let told = world.all::<Mail>().filter(|mail| mail.kind != MailKind::Tickets);
        told.map(|mail| mail.id.subject_id).collect()
    };
    assert!(subjects(&world).contains(&ticket.id.0));

    let mut world = moved(world, Some(ReservationId::FIRST), 6);
    world.decide(TellMoves, NOW).unwrap();
    assert_eq!(subjects(&world).len(), 4);
}

#[test]
fn who_was_told_of_a_move_is_not_told_again() {
    let (world, _) = a_transferred_ticket();
    let mut world = moved(world, Some(reservation(1)), 5);

    assert_eq!(world.decide(TellMoves, NOW).unwrap(), 0);

    assert!(is_told(&world));
    assert_eq!(told_besides(&world), []);
}

#[test]
fn who_paid_after_a_move_is_not_told_of_it() {
    let mut world = moved(seats_one_and_two_are_held(), Some(ReservationId::FIRST), 5);
    world.decide(pay(1), NOW + TICK).unwrap();

    assert_eq!(world.decide(TellMoves, NOW + TICK).unwrap(), 1);

    assert!(is_told(&world));
    assert_eq!(told_besides(&world), []);
}

#[test]
fn of_a_cancelled_date_no_move_is_told() {
    let (world, _) = a_transferred_ticket();
    let world = moved(world, Some(ReservationId::FIRST), 5);
    let reason = Reason::parse("The singer is ill.").unwrap();
    let cancelled = Some(ScheduleCancelled { at: NOW, reason });
    let date = world.get::<Schedule>(schedule(1)).clone();
    let mut world = world.with([Schedule { cancelled, ..date }]);

    assert_eq!(world.decide(TellMoves, NOW).unwrap(), 1);

    assert!(is_told(&world));
    assert_eq!(told_besides(&world), []);
}

#[test]
fn only_a_confirmed_address_books_if_that_is_required() {
    let unconfirmed = User { password_hash: OLD.to_owned(), ..a_user(1, Role::Fan) };
    let world = seats_one_and_two_are_held().with([unconfirmed.clone()]);
    let policy = BookingPolicy { needs_verified_email: true, ..POLICY };
    let wanted = |policy| {
        let mut hold = hold(1, seats(&[3]));
        hold.reservation_id = reservation(7);
        hold.policy = policy;
        hold
    };
    assert_eq!(world.refusal(wanted(policy), NOW), HoldRefused::EmailNotVerified);
    let mut verified = unconfirmed.clone();
    verified.contact.verified_at = Some(NOW);
    let guest = User { password_hash: User::NO_PASSWORD.to_owned(), ..unconfirmed };
    for user in [verified, guest] {
        let mut world = world.clone().with([user]);

        assert!(world.decide(wanted(policy), NOW).is_ok());
    }
}
