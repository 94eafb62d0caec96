//! Tickets that are checked in at the door (rule 24).

use std::collections::BTreeSet;

use stagedoor_domain::operations::{
    ChangeDoorStaff, ChangeRole, CheckInRefused, CheckInTicket, DeleteConcert, UndoCheckIn,
    UndoCheckInRefused,
};
use stagedoor_domain::ports::{CheckInCount, DoorEntry};
use stagedoor_domain::{
    CheckIn, ConcertState, DoorName, DoorStaff, Event, EventId, EventKind, Instant, OperatorDeed,
    PageSize, Reason, Role, ScheduleId, Ticket, TicketId, TicketState, UserId,
};

use super::complimentary_tickets::{by_staff, give};
use super::store::{Store, ask, ask_keyed, keyed, together};
use super::tickets::{self, transfer};
use super::world::{OPENING, Show, World, at};

/// When the doors of every show are open.
pub const EVENING: i64 = 860_000;

pub fn door(name: &str) -> DoorName {
    DoorName::parse(name).expect("a sound name")
}

/// A ticket is scanned at the door of its show.
pub fn check_in(ticket: &Ticket, user_id: UserId, name: &str) -> CheckInTicket {
    CheckInTicket {
        user_id,
        schedule_id: ticket.schedule_id,
        ticket_id: Some(ticket.id),
        door: door(name),
        scanned_at: at(EVENING),
    }
}

/// A check-in is taken back.
pub fn undo<S: Store>(world: &World<S>, ticket: &Ticket, user_id: UserId) -> UndoCheckIn {
    let reason = Reason::parse("Scanned by mistake.").expect("a sound reason");
    UndoCheckIn { action_id: world.id(), user_id, ticket_id: ticket.id, reason }
}

/// A user with the role for doors, who is assigned to those of a show.
pub async fn staff_of<S: Store>(world: &World<S>, show: &Show) -> UserId {
    let user_id = world.user(Role::Door).await;
    world.done(assignment(show, user_id, true), OPENING).await;
    user_id
}

/// What assigns a user to the doors of a show, or ends that.
pub fn assignment(show: &Show, user_id: UserId, is_assigned: bool) -> ChangeDoorStaff {
    ChangeDoorStaff {
        manager_id: show.organizer_id,
        concert_id: show.concert_id,
        user_id: Some(user_id),
        is_assigned,
    }
}

/// The tickets of seats that a fan has paid for.
async fn sold<S: Store>(world: &World<S>, show: &Show, seats: &[i32]) -> Vec<Ticket> {
    let fan = world.fan(show.room_id).await;
    let sold = world.sold(fan, show, seats, OPENING).await.reservation;
    tickets::of(world, &sold).await
}

async fn entry<S: Store>(world: &World<S>, id: TicketId) -> DoorEntry {
    let found = world.store.door_entry(id).await.expect("the store reads");
    found.expect("the ticket is there")
}

async fn all<S: Store>(world: &World<S>, id: ScheduleId, size: i64) -> Vec<DoorEntry> {
    let size = PageSize::up_to(1_000, size).expect("a sound size");
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = world.store.door_list(id, after, size).await.expect("the store reads");
        found.extend(page.items);
        after = page.next;
        if after.is_none() {
            return found;
        }
    }
}

async fn events<S: Store>(world: &World<S>, ticket: &Ticket) -> Vec<(i64, EventKind, Instant)> {
    let ids: Vec<_> = (1..9).map(|number| EventId::new(ticket.id.0, number)).collect();
    let told = world.store.events(&ids).await.expect("the store reads");
    let mut told: Vec<Event> = told.into_iter().map(|(event, _)| event).collect();
    told.sort_by_key(|event| event.id);
    told.into_iter().map(|event| (event.id.number, event.kind, event.at)).collect()
}

/// With the door, the scanner and the instant of the scan; the scan may arrive later.
pub async fn a_check_in_reads_back<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 3).await;
    let staff = staff_of(&world, &show).await;
    let ticket = sold(&world, &show, &[1, 2]).await.remove(0);

    let done = world.done(check_in(&ticket, staff, "북문"), at(EVENING + 90)).await;

    let state = TicketState::CheckedIn(CheckIn {
        scanned_at: at(EVENING),
        door: door("북문"),
        user_id: staff,
    });
    assert_eq!(done, Ticket { state, version: 1, ..ticket.clone() });
    let read = entry(&world, ticket.id).await;
    assert_eq!(read.ticket, done);
    let holder = world.stored_user(ticket.holder_id).await;
    assert_eq!((read.holder_name, read.seat.number), (holder.name, 1));
    let told = [(1, EventKind::TicketCheckedIn, at(EVENING + 90))];
    assert_eq!(events(&world, &ticket).await, told);
    assert_eq!(world.store.ticket_numbered(ticket.number).await, Ok(Some(ticket.id)));
    assert_eq!(world.store.ticket_numbered(world.new_ticket().number).await, Ok(None));
}

/// It is valid again, and can be checked in again. Each change has a number of its own.
pub async fn a_check_in_that_is_taken_back_reads_back<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 3).await;
    let staff = staff_of(&world, &show).await;
    let ticket = sold(&world, &show, &[1]).await.remove(0);
    world.done(check_in(&ticket, staff, "North"), at(EVENING)).await;

    let command = undo(&world, &ticket, staff);
    let undone = world.done(command.clone(), at(EVENING + 1)).await;

    assert_eq!(undone, Ticket { version: 2, ..ticket.clone() });
    assert_eq!(entry(&world, ticket.id).await.ticket, undone);
    let actions = world.store.operator_actions(None, PageSize::ONE).await.expect("it reads");
    let deed = OperatorDeed::CheckInUndone {
        ticket_id: ticket.id,
        user_id: ticket.holder_id,
        reason: command.reason,
    };
    assert_eq!((actions.items[0].operator_id, &actions.items[0].deed), (staff, &deed));
    world.done(check_in(&ticket, staff, "South"), at(EVENING + 2)).await;
    let told = [
        (1, EventKind::TicketCheckedIn, at(EVENING)),
        (2, EventKind::CheckInUndone, at(EVENING + 1)),
        (3, EventKind::TicketCheckedIn, at(EVENING + 2)),
    ];
    assert_eq!(events(&world, &ticket).await, told);
}

/// Of the seats of a reservation one at a time; staff may cancel them all after that.
pub async fn a_used_ticket_is_cancelled_by_staff_alone<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 3).await;
    let staff = staff_of(&world, &show).await;
    let friend = world.user(Role::Fan).await;
    let given = world.done(give(&world, &show, friend, &[1, 2]), OPENING).await;
    let tickets = tickets::of(&world, &given).await;
    let [used, other] = <[Ticket; 2]>::try_from(tickets).expect("a ticket for each seat");
    world.done(check_in(&used, staff, "North"), at(EVENING)).await;

    let refused = world.ask(transfer(&world, &used, show.organizer_id), at(EVENING)).await;
    assert!(refused.is_err(), "{refused:?}");
    world.done(transfer(&world, &other, show.organizer_id), at(EVENING)).await;
    world.done(by_staff(&world, show.organizer_id, &given), at(EVENING)).await;

    assert!(entry(&world, used.id).await.ticket.is_void());
    let count = world.store.check_in_count(show.schedule_id).await;
    assert_eq!(count, Ok(CheckInCount::default()));
    let refused = world.ask(undo(&world, &used, staff), at(EVENING)).await;
    assert_eq!(refused, Err(UndoCheckInRefused::NotCheckedIn));
}

/// Two hundred devices scan one ticket: one person comes in, all others are told where and when.
pub async fn of_scans_of_one_ticket_at_once_one_counts<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 2).await;
    let staff = staff_of(&world, &show).await;
    let ticket = sold(&world, &show, &[1]).await.remove(0);
    let scans = (0..200).map(|device| {
        let (store, command) =
            (world.store.clone(), check_in(&ticket, staff, &format!("Door {device}")));
        async move { ask(&store, command, at(EVENING)).await }
    });

    let verdicts = together(scans.collect::<Vec<_>>()).await;

    let first = entry(&world, ticket.id).await.ticket.check_in().cloned().expect("one is in");
    let done: Vec<_> = verdicts.iter().filter_map(|verdict| verdict.as_ref().ok()).collect();
    assert_eq!(done.len(), 1);
    assert_eq!(done[0].check_in(), Some(&first));
    let refused = CheckInRefused::AlreadyCheckedIn(first);
    assert!(verdicts.iter().filter_map(|it| it.as_ref().err()).all(|it| *it == refused));
    assert_eq!(events(&world, &ticket).await.len(), 1);
}

/// A transfer, a cancellation by staff and a scan: the ticket does not let in whom it no longer admits.
pub async fn of_a_transfer_and_a_scan_at_once_one_is_done<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 12).await;
    let staff = staff_of(&world, &show).await;
    let friend = world.user(Role::Fan).await;
    for seat in 1..=12 {
        let ticket = sold(&world, &show, &[seat]).await.remove(0);
        let (store, other) = (world.store.clone(), world.store.clone());
        let (scan, transfer) =
            (check_in(&ticket, staff, "North"), transfer(&world, &ticket, friend));

        let (scanned, transferred) =
            tokio::join!(async { ask(&store, scan, at(EVENING)).await.is_ok() }, async {
                ask(&other, transfer, at(EVENING)).await.is_ok()
            },);

        assert!(scanned != transferred, "{scanned} {transferred}");
        assert_eq!(entry(&world, ticket.id).await.ticket.check_in().is_some(), scanned);
    }
}

/// A repetition of a scan whose answer was lost is answered as the scan was, also after that was taken back.
pub async fn a_repeated_scan_is_answered_as_before<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 2).await;
    let staff = staff_of(&world, &show).await;
    let ticket = sold(&world, &show, &[1]).await.remove(0);
    let scan = keyed(staff, "scan", "print", check_in(&ticket, staff, "North"));

    let first = ask_keyed(&world.store, scan.clone(), at(EVENING)).await;
    world.done(undo(&world, &ticket, staff), at(EVENING + 1)).await;
    let again = ask_keyed(&world.store, scan, at(EVENING + 2)).await;

    assert_eq!(first, again);
    assert!(entry(&world, ticket.id).await.ticket.is_valid());
}

/// By pages or at once, void tickets too; the count leaves these out.
pub async fn a_door_list_has_every_ticket_of_its_date<S: Store>(store: S) {
    let world = World::new(store);
    let (show, other) = (world.open_show(1, 5).await, world.open_show(1, 2).await);
    let staff = staff_of(&world, &show).await;
    let friend = world.user(Role::Fan).await;
    sold(&world, &other, &[1]).await;
    let of_show = sold(&world, &show, &[1, 2, 3, 4]).await;
    world.done(transfer(&world, &of_show[0], friend), at(1)).await;
    world.done(check_in(&of_show[1], staff, "South"), at(EVENING)).await;
    world.done(check_in(&of_show[2], staff, "North"), at(EVENING)).await;
    let later =
        CheckInTicket { scanned_at: at(EVENING + 5), ..check_in(&of_show[3], staff, "North") };
    world.done(later, at(EVENING + 9)).await;

    let list = all(&world, show.schedule_id, 1_000).await;

    let ids: Vec<_> = list.iter().map(|entry| entry.ticket.id).collect();
    let expected: BTreeSet<_> = ids.iter().copied().collect();
    assert_eq!((ids, list.len()), (expected.into_iter().collect(), 5));
    assert_eq!(all(&world, show.schedule_id, 2).await, list);
    assert_eq!(list.iter().filter(|entry| entry.ticket.is_void()).count(), 1);
    let count = world.store.check_in_count(show.schedule_id).await.expect("the store reads");
    let doors: Vec<_> = count
        .doors
        .iter()
        .map(|it| (it.door.as_str(), it.checked_in, it.last_scanned_at))
        .collect();
    assert_eq!(doors, [("North", 2, at(EVENING + 5)), ("South", 1, at(EVENING))]);
    assert_eq!((count.tickets, count.checked_in()), (4, 3));
}

/// Those of an operator, of an organizer and of door staff.
pub async fn users_are_shown_the_dates_of_their_doors<S: Store>(store: S) {
    let world = World::new(store);
    let (show, other) = (world.open_show(1, 2).await, world.open_show(1, 2).await);
    let staff = staff_of(&world, &show).await;
    let operator = world.user(Role::Operator).await;
    let fan = world.user(Role::Fan).await;
    let dates = async |user_id, now, most| -> Vec<ScheduleId> {
        let user = world.stored_user(user_id).await;
        let size = PageSize::new(most).expect("a sound size");
        let dates = world.store.door_dates(&user, now, size).await.expect("the store reads");
        dates.into_iter().map(|date| date.schedule.id).collect()
    };

    let both = [show.schedule_id, other.schedule_id];
    assert_eq!(dates(operator, at(EVENING), 100).await, both);
    assert_eq!(dates(operator, at(EVENING), 1).await, both[..1]);
    assert_eq!(dates(staff, at(EVENING), 100).await, both[..1]);
    assert_eq!(dates(other.organizer_id, at(EVENING), 100).await, both[1..]);
    assert_eq!(dates(fan, at(EVENING), 100).await, []);
    assert_eq!(dates(operator, at(871_200), 100).await, []);
}

/// An account that was given another role checks in no more, and does again with its role.
pub async fn assignments_read_back_and_end<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 2).await;
    let staff = staff_of(&world, &show).await;
    let operator_id = world.user(Role::Operator).await;
    let ticket = sold(&world, &show, &[1]).await.remove(0);
    let role = |role| ChangeRole { action_id: world.id(), operator_id, user_id: staff, role };

    let members = world.store.door_staff(show.concert_id).await.expect("the store reads");
    let user = world.stored_user(staff).await;
    assert_eq!((&members[0].name, &members[0].email), (&user.name, &user.email));
    let (concert_id, user_id) = (show.concert_id, staff);
    assert_eq!(members[0].staff, DoorStaff { concert_id, user_id, assigned_at: OPENING });
    world.done(role(Role::Fan), at(1)).await;
    let refused = world.ask(check_in(&ticket, staff, "North"), at(EVENING)).await;
    assert_eq!(refused, Err(CheckInRefused::NotStaff));
    world.done(role(Role::Door), at(2)).await;
    assert_eq!(world.store.is_assigned(show.concert_id, staff).await, Ok(true));
    world.done(assignment(&show, staff, false), at(3)).await;
    assert_eq!(world.store.is_assigned(show.concert_id, staff).await, Ok(false));
    let refused = world.ask(check_in(&ticket, staff, "North"), at(EVENING)).await;
    assert_eq!(refused, Err(CheckInRefused::NotStaff));
    assert_eq!(world.store.door_staff(show.concert_id).await, Ok(Vec::new()));
}

/// As the last one says, whatever was there before.
pub async fn a_batch_of_assignments_is_written<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 2).await;
    let user_id = world.user(Role::Door).await;
    let [assign, dismiss] = [true, false].map(|it| assignment(&show, user_id, it));
    let is_assigned =
        async || world.store.is_assigned(show.concert_id, user_id).await.expect("the store reads");

    world.ask_all([assign.clone(), dismiss.clone()], at(1)).await;
    assert!(!is_assigned().await);
    world.ask_all([assign.clone(), dismiss.clone(), assign.clone()], at(2)).await;
    assert!(is_assigned().await);
    world.ask_all([dismiss.clone(), assign.clone()], at(3)).await;
    let members = world.store.door_staff(show.concert_id).await.expect("the store reads");
    assert_eq!(members[0].staff.assigned_at, at(3));
    world.ask_all([dismiss.clone(), assign, dismiss], at(4)).await;
    assert!(!is_assigned().await);
}

/// Its assignments are no longer there.
pub async fn a_deleted_draft_takes_its_door_staff_along<S: Store>(store: S) {
    let world = World::new(store);
    let organizer_id = world.user(Role::Organizer).await;
    let mut draft = world.announcement(organizer_id, vec![world.plan(1, 2)]);
    draft.is_draft = true;
    let (concert_id, schedule_id) = (draft.id, draft.schedules[0].id);
    let created = world.done(draft.clone(), OPENING).await;
    assert_eq!(created.concert.state, ConcertState::Draft);
    let show = Show { organizer_id, concert_id, room_id: draft.room_id, schedule_id };
    let staff = staff_of(&world, &show).await;

    world.done(DeleteConcert { concert_id, organizer_id }, at(1)).await;

    assert_eq!(world.store.is_assigned(concert_id, staff).await, Ok(false));
    assert_eq!(world.store.door_staff(concert_id).await, Ok(Vec::new()));
}
