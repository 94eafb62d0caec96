//! What commands say that they need, and that they read nothing else.

use stagedoor_domain::mail::MailOutcome;
use stagedoor_domain::operations::{
    Admit, BlockSeats, ExpireHolds, ExpireTokens, FanOutEvents, FillRange, GiveTickets, HoldSeats,
    KeepWaiting, NamedSeats, PointChange, PolicyEdit, RecordHeartbeats, RepairTickets,
    ReserveNumber, SeatBlocking, SeatChoice, SetUpSite, TellMoves, VoidRange, WebhookChange,
};
use stagedoor_domain::{
    Command, Corrupt, MailKind, Needs, Reason, Room, RoomId, Submission, WorkingSet, decide_all,
};

use crate::builders::*;
use crate::mails::{ask_to_reset, ask_to_verify, claim_mails, mail_ended, reset, verify};
use crate::webhooks::{attempt_ended, change_webhook, claim_up_to, register};

#[test]
fn a_row_that_is_not_needed_is_a_bug_and_not_a_missing_row() {
    let mut set = WorkingSet::limited();
    set.expect(Needs { rooms: [room(1)].into(), ..Needs::default() });
    set.expect(Needs { occupancies: [room(2)].into(), ..Needs::default() });

    assert_eq!(set.get::<Room>(&room(1)), Ok(None));
    assert_eq!(set.get::<Room>(&room(2)), Ok(None));
    assert!(set.get::<Room>(&room(3)).is_err());
    assert!(set.seats_of(schedule(1)).is_err());
}

#[test]
fn a_concert_is_needed_as_a_whole_to_be_read_or_deleted_or_both() {
    let needs = Needs {
        whole_concerts: [concert(1), concert(2)].into(),
        deleted_concerts: [concert(2), concert(3)].into(),
        ..Needs::default()
    };

    assert_eq!(needs.concerts_as_a_whole(), [concert(1), concert(2), concert(3)].into());
}

#[test]
fn a_set_without_a_limit_has_all_rows_there_are() {
    let set = WorkingSet::new();

    assert_eq!(set.get::<Room>(&room(1)), Ok(None));
    assert_eq!(set.seats_of(schedule(1)).map(Iterator::count), Ok(0));
}

/// What comes of a command in a store without rows that loads what it needs, or nothing.
fn in_an_empty_store<C: Command>(command: C, is_loaded: bool) -> Result<(), Corrupt> {
    let submissions = [Submission::new(command)];
    let mut set = WorkingSet::limited();
    if is_loaded {
        set.expect(Needs::of(&submissions));
    }
    let besides = Needs::besides(&submissions, &set, NOW)?;
    set.expect(besides);
    decide_all(set, &submissions, NOW).map(|_| ())
}

fn reads_what_it_needs_alone<C: Command>(command: C) {
    assert_eq!(in_an_empty_store(command.clone(), true), Ok(()), "{command:?}");
    assert!(in_an_empty_store(command.clone(), false).is_err(), "{command:?} reads nothing");
}

#[test]
fn every_command_reads_only_what_it_needs() {
    reads_what_it_needs_alone(sign_up(1, 1));
    reads_what_it_needs_alone(end_sessions(1));
    reads_what_it_needs_alone(change_name(1, "New Name"));
    reads_what_it_needs_alone(change_password(1, "old", "new"));
    reads_what_it_needs_alone(announce(1, Vec::new()));
    reads_what_it_needs_alone(change_policy(room(1), PolicyEdit::default()));
    reads_what_it_needs_alone(SetUpSite { open_mode: true });
    reads_what_it_needs_alone(join(1, 1));
    reads_what_it_needs_alone(Admit { room_id: room(1) });
    reads_what_it_needs_alone(ReserveNumber(join(1, 1)));
    reads_what_it_needs_alone(FillRange { tokens: vec![a_token(1)] });
    reads_what_it_needs_alone(VoidRange { room_id: room(1), first: 1 });
    reads_what_it_needs_alone(leave(1));
    reads_what_it_needs_alone(RecordHeartbeats { token_id: token(1), heartbeats: heartbeat(NOW) });
    reads_what_it_needs_alone(KeepWaiting(kept(1, NOW, NOW)));
    reads_what_it_needs_alone(ExpireTokens);
    reads_what_it_needs_alone(hold(1, seats(&[1, 2])));
    reads_what_it_needs_alone(hold(1, SeatChoice::Numbers(vec![1])));
    reads_what_it_needs_alone(hold(1, SeatChoice::best(2)));
    reads_what_it_needs_alone(GiveTickets {
        action_id: action(1),
        reservation_id: reservation(1),
        schedule_id: schedule(1),
        manager_id: user(9),
        holder_id: Some(user(1)),
        seats: NamedSeats::Numbers(vec![1]),
        tickets: new_tickets(1),
        reason: Reason::parse("Guest").unwrap(),
    });
    reads_what_it_needs_alone(release(1));
    reads_what_it_needs_alone(extend(1));
    reads_what_it_needs_alone(cancel(1));
    reads_what_it_needs_alone(pay(1));
    reads_what_it_needs_alone(transfer(10, 1, 2));
    reads_what_it_needs_alone(cancel_ticket(10, 1));
    reads_what_it_needs_alone(check_in(10, 7, NOW));
    reads_what_it_needs_alone(undo_check_in(10, 7));
    reads_what_it_needs_alone(RepairTickets { tickets: vec![new_tickets(1)] });
    reads_what_it_needs_alone(ExpireHolds);
    for seats in [NamedSeats::Numbers(vec![1]), NamedSeats::Ids(vec![seat(1)])] {
        reads_what_it_needs_alone(BlockSeats {
            action_id: action(1),
            schedule_id: schedule(1),
            manager_id: user(9),
            seats,
            change: SeatBlocking::Unblock,
        });
    }
    reads_what_it_needs_alone(change_points(1, PointChange::Charge, 1));
}

#[test]
fn every_command_of_webhooks_and_e_mail_reads_only_what_it_needs() {
    reads_what_it_needs_alone(register(1));
    reads_what_it_needs_alone(change_webhook(1, WebhookChange::Test));
    reads_what_it_needs_alone(FanOutEvents::default());
    reads_what_it_needs_alone(claim_up_to(8));
    reads_what_it_needs_alone(attempt_ended(1, Ok(200)));
    reads_what_it_needs_alone(ask_to_verify(1));
    reads_what_it_needs_alone(ask_to_reset(1));
    reads_what_it_needs_alone(claim_mails(1));
    reads_what_it_needs_alone(mail_ended(MailKind::VerifyAddress, MailOutcome::Sent));
    reads_what_it_needs_alone(verify(1));
    reads_what_it_needs_alone(reset(1));
    reads_what_it_needs_alone(TellMoves);
}

#[test]
fn a_hold_with_a_site_wide_token_needs_the_room_of_its_concert() {
    let of_concert = hold(1, seats(&[1]));
    let from_the_site = HoldSeats { room_id: RoomId::SITE, ..of_concert.clone() };

    assert!(Needs::of(&[Submission::new(of_concert)]).rooms_of_schedules.is_empty());
    let needs = Needs::of(&[Submission::new(from_the_site)]);
    assert_eq!(needs.rooms_of_schedules, [schedule(1)].into());
}
