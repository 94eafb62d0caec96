//! Rows that the store takes and loses: the batch is rolled back, as the ports demand when fewer or
//! more rows are written than were changed.

use stagedoor_domain::mail::MailOutcome;
use stagedoor_domain::operations::{
    Admit, ChangeRole, EndSessions, ExpireHolds, ExpireTokens, FanOutEvents, FillRange, HoldSeats,
    PolicyEdit, ReadUser, ReplayEvents, ReserveNumber, TellMoves, WebhookChange,
};
use stagedoor_domain::ports::{Execute, StoreError};
use stagedoor_domain::{
    Command, ExpectedVersion, MailKind, Reservation, Role, RoomId, Submission, UserId, UserPart,
};

use time::Duration;

use super::check_ins;
use super::complimentary_tickets::give;
use super::concerts::new_title;
use super::events;
use super::fixture::Plant;
use super::mails;
use super::posters::a_poster;
use super::seat_blocks::block;
use super::snapshot::Snapshot;
use super::store::{Store, keyed};
use super::tickets;
use super::venues;
use super::world::{
    CHARGE, Fan, OPENING, Show, World, at, heartbeat, keep_waiting, leave, new_password, release,
    rename,
};

/// A user in every situation.
struct Scene {
    show: Show,
    fan: Fan,
    held: Reservation,
    waiting: Fan,
}

async fn scene<S: Store>(world: &World<S>) -> Scene {
    let show = world.open_show(1, 3).await;
    let fan = world.fan(show.room_id).await;
    world.charge(fan.user_id, 50_000).await;
    let held = world.held(fan, &show, &[1], OPENING).await;
    let line = world.closed_show().await.room_id;
    let waiting = world.fan(line).await;
    world.set_capacity(line, 1, OPENING).await;
    Scene { show, fan, held, waiting }
}

async fn assert_rolled_back<F, C>(
    fixture: &F,
    world: &World<F::Store>,
    table: &str,
    submission: Submission<C>,
    seconds: i64,
) where
    F: Plant,
    F::Store: Execute<C>,
    C: Command,
{
    let (known, now) = (world.known(), at(seconds));
    let earlier = Snapshot::of(&world.store, &known, now).await;
    fixture.swallow(table);
    let answer = world.store.execute(std::slice::from_ref(&submission), now).await;
    fixture.swallow_no_more(table);
    let corrupt = matches!(answer, Err(StoreError::Corrupt(_)));
    assert!(corrupt, "{answer:?} though {table} lost what {submission:?} wrote");
    earlier.assert_same(&Snapshot::of(&world.store, &known, now).await);
}

macro_rules! rolled_back {
    ($fixture:ident, $world:ident: $($seconds:literal $tables:expr => $command:expr;)*) => {$(
        for table in $tables {
            let submission = Submission::new($command);
            assert_rolled_back($fixture, &$world, table, submission, $seconds).await;
        }
    )*};
}

/// Every command, with every table that it writes to.
pub async fn a_batch_whose_rows_are_not_all_written_is_rolled_back<F: Plant>(fixture: &F) {
    let world = World::new(fixture.store());
    let scene = scene(&world).await;
    let newcomer = world.users(1).await[0];
    let organizer = scene.show.organizer_id;
    let line = scene.waiting.room_id;
    let edit = PolicyEdit { paused: Some(true), ..PolicyEdit::default() };
    let update_controls = world.change_policy(RoomId::SITE, edit);
    let read = ReadUser {
        action_id: world.id(),
        operator_id: organizer,
        user_id: newcomer,
        part: UserPart::Account,
    };
    let new_password = new_password(&world.stored_user(newcomer).await, "new hash");
    let plan = world.plan(1, 2);
    let (venue, hall) = venues::a_hall(&world, venues::a_plan(1)).await;
    let renamed = venues::rename_venue(&world, &venue, "New Name", ExpectedVersion::Any);
    let other_plan = venues::change_plan(&world, &venue, &hall, venues::a_plan(2));
    let reserved = world.reserve(line, &world.users(1).await, OPENING).await;
    let (draft, unsold) = (world.draft().await, world.show(1, 1).await);
    rolled_back!(fixture, world:
        1 ["users", "point_accounts"] => world.sign_up(Role::Fan);
        1 ["concerts", "rooms", "schedules", "seats", "events"] =>
            world.announcement(organizer, vec![plan.clone()]);
        1 ["venues"] => venues::new_venue(&world, organizer);
        1 ["operator_actions", "venues"] => renamed.clone();
        1 ["halls", "hall_plans", "operator_actions"] => venues::new_hall(&world, &venue, venues::a_plan(1));
        1 ["halls", "hall_plans", "operator_actions"] => other_plan.clone();
        1 ["concerts"] => draft.edit(new_title("Another title"), 0);
        1 ["concerts", "poster_images"] => draft.show_poster(Some(a_poster(1, 640)));
        1 ["concerts", "rooms", "schedules", "events"] => draft.publish();
        1 ["concerts", "rooms", "schedules", "events"] => unsold.cancel();
        1 ["rooms", "queue_tokens", "line_changes"] => world.join(scene.show.room_id, newcomer);
        1 ["rooms", "queue_tokens", "line_changes"] => world.join(line, newcomer);
        1 ["rooms", "number_ranges", "line_changes"] => ReserveNumber(world.join(line, newcomer));
        1 ["queue_tokens"] => FillRange { tokens: reserved.clone() };
        1 ["queue_tokens"] => heartbeat(scene.waiting, at(1));
        1 ["queue_tokens"] => keep_waiting(scene.waiting, 1, at(1_000));
        1 ["rooms", "operator_actions", "events"] => update_controls.clone();
        1 ["operator_actions"] => read.clone();
        1 ["operator_actions", "schedules", "seats"] => block(&world, &scene.show, &[2]);
        1 ["operator_actions", "reservation_seats", "reservations", "schedules", "seats", "events", "tickets"] =>
            give(&world, &scene.show, newcomer, &[2]);
        1 ["users"] => rename(newcomer, "New Name");
        1 ["users"] => new_password.clone();
        1 ["users"] => EndSessions { user_id: newcomer, role: None, password_hash: None };
        1 ["rooms", "queue_tokens", "line_changes"] => Admit { room_id: line };
        1 ["reservations", "reservation_seats", "seats", "queue_tokens", "events"] =>
            late_hold(&world, &scene);
        1 ["reservations", "seats", "events"] => release(&scene.held);
        1 ["point_accounts", "point_entries"] => world.points(newcomer, CHARGE, 1);
        1 ["point_accounts", "point_entries", "payments", "reservations", "seats", "schedules",
           "rooms", "queue_tokens", "line_changes", "events", "tickets"] => world.pay(scene.fan, scene.held.id);
        1 ["rooms", "queue_tokens", "line_changes", "reservations", "seats", "events"] => leave(scene.fan);
        700 ["reservations", "seats", "events"] => ExpireHolds;
        700 ["rooms", "queue_tokens", "line_changes"] => ExpireTokens;
    );
    world.done(world.pay(scene.fan, scene.held.id), at(2)).await;
}

/// Every command about tickets, with every table that it writes to.
pub async fn a_lost_ticket_rolls_its_batch_back<F: Plant>(fixture: &F) {
    let world = World::new(fixture.store());
    let scene = scene(&world).await;
    let newcomer = world.users(1).await[0];
    let sold = world.sold(scene.fan, &scene.show, &[2, 3], OPENING).await.reservation;
    let ticket = tickets::of(&world, &sold).await.remove(0);
    let cancellation = tickets::cancellation(&world, &ticket);
    rolled_back!(fixture, world:
        1 ["tickets", "events"] => tickets::transfer(&world, &ticket, newcomer);
        1 ["point_accounts", "point_entries", "reservations", "reservation_seats", "seats",
           "schedules", "tickets", "events"] => cancellation.clone();
    );
    let staff = check_ins::staff_of(&world, &scene.show).await;
    let dismiss = check_ins::assignment(&scene.show, staff, false);
    let assign = check_ins::assignment(&scene.show, newcomer, true);
    world.done(as_door_staff(&world, newcomer).await, at(1)).await;
    let check_in = check_ins::check_in(&ticket, staff, "North");
    rolled_back!(fixture, world:
        2 ["door_staff"] => dismiss.clone();
        2 ["door_staff"] => assign.clone();
        860_000 ["tickets", "events"] => check_in.clone();
    );
    world.done(check_in, at(860_000)).await;
    let undo = check_ins::undo(&world, &ticket, staff);
    rolled_back!(fixture, world:
        860_001 ["tickets", "events", "operator_actions"] => undo.clone();
    );
}

async fn as_door_staff<S: Store>(world: &World<S>, user_id: UserId) -> ChangeRole {
    let operator_id = world.user(Role::Operator).await;
    ChangeRole { action_id: world.id(), operator_id, user_id, role: Role::Door }
}

/// Every command about webhooks, with every table that it writes to.
pub async fn a_lost_webhook_or_delivery_rolls_its_batch_back<F: Plant>(fixture: &F) {
    let world = World::new(fixture.store());
    let scene = scene(&world).await;
    let organizer = scene.show.organizer_id;
    let webhook = world.done(events::new_webhook(&world, organizer), OPENING).await;
    let replay = ReplayEvents {
        webhook_id: webhook.id,
        owner_id: organizer,
        since: OPENING,
        until: at(1_000),
    };
    rolled_back!(fixture, world:
        1 ["events", "deliveries"] => FanOutEvents::default();
        1 ["webhooks"] => events::new_webhook(&world, organizer);
        1 ["webhooks", "events", "deliveries"] =>
            events::change_webhook(&webhook, WebhookChange::Test);
    );
    while world.done(FanOutEvents::default(), at(2)).await > 0 {}
    rolled_back!(fixture, world: 2 ["deliveries"] => events::claim(););
    let claimed = world.done(events::claim(), at(3)).await;
    let (_, delivery) = &claimed[0];
    rolled_back!(fixture, world:
        4 ["deliveries", "webhooks"] => events::ended(delivery, Ok(410));
        4 ["deliveries"] => replay.clone();
    );
}

/// Every command about e-mail, with every table that it writes to.
pub async fn a_lost_e_mail_rolls_its_batch_back<F: Plant>(fixture: &F) {
    let world = World::new(fixture.store());
    let scene = scene(&world).await;
    let user_id = scene.fan.user_id;
    rolled_back!(fixture, world:
        1 ["users", "point_accounts", "mails"] => mails::sign_up(&world);
        1 ["mails"] => mails::ask_to_reset(user_id);
    );
    world.done(mails::ask_to_reset(user_id), at(2)).await;
    world.done(mails::ask_to_verify(user_id), at(2)).await;
    let due = mails::claim();
    rolled_back!(fixture, world: 2 ["mails", "mail_tokens"] => due.clone(););
    let claimed = world.done(due, at(3)).await;
    let of = |kind| claimed.iter().find(|it| it.mail.kind == kind).expect("it was claimed");
    rolled_back!(fixture, world:
        4 ["mails"] => mails::ended(&claimed[0], MailOutcome::Sent);
        4 ["users"] => mails::verify(of(MailKind::VerifyAddress));
        4 ["users"] => mails::reset(of(MailKind::ResetPassword));
    );
    world.sold(scene.fan, &scene.show, &[3], at(5)).await;
    world.done(mails::a_move(&world, &scene.show).await, at(5)).await;
    rolled_back!(fixture, world: 6 ["mails", "schedules"] => TellMoves;);
}

/// A hold that moves its token's deadline too.
fn late_hold<S: Store>(world: &World<S>, scene: &Scene) -> HoldSeats {
    let mut hold = world.hold(scene.fan, &scene.show, &[2, 3]);
    hold.policy.hold_time = Duration::seconds(5_000);
    hold
}

/// Without the answer a repetition would do it again.
pub async fn an_answer_that_is_not_kept_rolls_its_batch_back<F: Plant>(fixture: &F) {
    let world = World::new(fixture.store());
    let user_id = world.users(1).await[0];
    let charge = keyed(user_id, "k", "1", world.points(user_id, CHARGE, 1));
    assert_rolled_back(fixture, &world, "answers", charge, 1).await;
}
