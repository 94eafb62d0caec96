//! Venues, halls, the versions of their plans, and schedules made from them.

use std::sync::Arc;

use serde_json::{Value, json};
use stagedoor_domain::operations::{
    BestSeats, ChangePlan, ChangePlanRefused, ChangeVenue, ChangeVenueRefused, CreateHall,
    CreateHallRefused, CreateSchedule, CreateVenue, CreateVenueRefused, HoldRefused, SchedulePlan,
    SeatChoice,
};
use stagedoor_domain::ports::VenueOfSchedule;
use stagedoor_domain::venue::{Address, PlaceName, TimeZoneName};
use stagedoor_domain::{
    ExpectedVersion, Hall, HallPlan, PageSize, PlanVersion, ReservedSeat, Role, SeatMap, SeatPlan,
    SeatState, UserId, Venue, VenueEdit,
};

use super::snapshot::all_pages;
use super::store::{Store, assert_sound, together};
use super::world::{OPENING, World, at};

/// A request for a venue.
pub fn new_venue<S: Store>(world: &World<S>, organizer_id: UserId) -> CreateVenue {
    CreateVenue {
        id: world.id(),
        organizer_id,
        name: PlaceName::parse("예술의전당 \"O'R\"").expect("a name"),
        address: Address::parse("서울 서초구 남부순환로 2406").expect("an address"),
        time_zone: TimeZoneName::parse("Asia/Seoul").expect("a zone"),
        open_to_all: false,
    }
}

/// A plan of a row of three seats and of a standing area for this number of people.
pub fn a_plan(standing: i32) -> Arc<SeatPlan> {
    let row = json!({
        "label": "가", "seats": 4, "aisles": [1],
        "exceptions": [{"seat": 2, "kind": "ABSENT"}, {"seat": 4, "kind": "ACCESSIBLE", "zone": "S"}],
    });
    plan(json!([
        {"name": "1층 \"O'R\"", "zone": "R", "x": -1.5, "y": 0, "angle": 7.25, "rows": [row]},
        {"name": "Arena", "zone": "S", "x": 0, "y": 9,
            "standing": {"capacity": standing, "width": 4, "height": 2.5}},
    ]))
}

fn plan(sections: Value) -> Arc<SeatPlan> {
    let document = json!({
        "stage": {"x": 0, "y": -4, "width": 8, "height": 3, "label": "무대"},
        "zones": [
            {"code": "R", "name": "R석", "colour": "#7b3fa0"},
            {"code": "S", "name": "S석", "colour": "#0f766e"},
        ],
        "sections": sections,
    });
    Arc::new(SeatPlan::parse(&document, "").expect("a sound plan"))
}

/// A request for a hall with a plan.
pub fn new_hall<S: Store>(world: &World<S>, of: &Venue, plan: Arc<SeatPlan>) -> CreateHall {
    let name = PlaceName::parse("콘서트홀").expect("a name");
    let (action_id, id) = (world.id(), world.id());
    CreateHall { action_id, id, venue_id: of.id, user_id: of.organizer_id, name, plan }
}

/// An edit of a venue's name.
pub fn rename_venue<S: Store>(
    world: &World<S>,
    venue: &Venue,
    name: &str,
    expected: ExpectedVersion,
) -> ChangeVenue {
    let name = Some(PlaceName::parse(name).expect("a name"));
    let edit = VenueEdit { name, ..VenueEdit::default() };
    let (action_id, user_id) = (world.id(), venue.organizer_id);
    ChangeVenue { action_id, venue_id: venue.id, user_id, edit, expected }
}

/// Another plan for a hall.
pub fn change_plan<S: Store>(
    world: &World<S>,
    venue: &Venue,
    hall: &Hall,
    plan: Arc<SeatPlan>,
) -> ChangePlan {
    let (action_id, user_id) = (world.id(), venue.organizer_id);
    ChangePlan { action_id, hall_id: hall.id, user_id, plan }
}

/// A venue with one hall.
pub async fn a_hall<S: Store>(world: &World<S>, plan: Arc<SeatPlan>) -> (Venue, Hall) {
    let organizer_id = world.user(Role::Organizer).await;
    let venue = world.done(new_venue(world, organizer_id), OPENING).await;
    let hall = world.done(new_hall(world, &venue, plan), OPENING).await;
    (venue, hall)
}

/// A schedule with the newest plan of a hall.
pub async fn schedule_in<S: Store>(world: &World<S>, hall: &Hall) -> SchedulePlan {
    let version = PlanVersion { hall_id: hall.id, version: hall.plan_version };
    let plan = world.store.hall_plan(version).await.expect("it reads").expect("the version exists");
    let prices = [("R".to_owned(), 9_000), ("S".to_owned(), 5_000)];
    let seat_map = SeatMap::of_plan(&plan, &prices).expect("every zone has a price");
    let seat_ids = (0..seat_map.seat_count()).map(|_| world.id()).collect();
    SchedulePlan { seat_map, seat_ids, ..world.plan(1, 1) }
}

/// As it was made and after each change, one alone and two in a batch.
pub async fn a_venue_reads_back_as_made_and_as_changed<S: Store>(store: S) {
    let world = World::new(store);
    let organizer_id = world.user(Role::Organizer).await;
    let command = new_venue(&world, organizer_id);
    let mut venue = world.done(command.clone(), OPENING).await;
    let expected = Venue {
        id: command.id,
        organizer_id,
        name: command.name.clone(),
        address: command.address.clone(),
        time_zone: command.time_zone.clone(),
        version: 0,
        created_at: OPENING,
    };
    assert_eq!(venue, expected);
    assert_eq!(world.store.venue(venue.id).await, Ok(Some(venue.clone())));

    let edit = VenueEdit {
        name: Some(PlaceName::parse("새 이름").expect("a name")),
        address: Some(Address::default()),
        time_zone: Some(TimeZoneName::parse("America/New_York").expect("a zone")),
    };
    let seen = ExpectedVersion::OneOf(vec![0]);
    let change = ChangeVenue {
        action_id: world.id(),
        venue_id: venue.id,
        user_id: organizer_id,
        edit: edit.clone(),
        expected: seen,
    };
    venue = world.done(change, at(1)).await;
    assert_eq!((venue.version, venue.address.as_str()), (1, ""));
    assert_eq!(world.store.venue(venue.id).await, Ok(Some(venue.clone())));

    let other = world.done(new_venue(&world, organizer_id), at(2)).await;
    let renames =
        [&venue, &other].map(|it| rename_venue(&world, it, "둘 다", ExpectedVersion::Any));
    for changed in world.ask_all(renames, at(3)).await {
        let changed = changed.expect("no rule refuses it");
        assert_eq!(world.store.venue(changed.id).await, Ok(Some(changed)));
    }
}

/// Every version stays as it was; an equal plan makes none.
pub async fn a_hall_reads_back_with_every_version_of_its_plan<S: Store>(store: S) {
    let world = World::new(store);
    let (venue, hall) = a_hall(&world, a_plan(2)).await;
    assert_eq!((hall.plan_version, hall.place_count), (1, 5));
    assert_eq!(world.store.hall(hall.id).await, Ok(Some((hall.clone(), venue.clone()))));

    let changes = [a_plan(2), a_plan(3), a_plan(3), a_plan(2)];
    let changes = changes.map(|plan| change_plan(&world, &venue, &hall, plan));
    let versions = world.ask_all(changes, at(1)).await.into_iter();
    let versions: Vec<_> = versions.map(|hall| hall.expect("it is allowed").plan_version).collect();
    assert_eq!(versions, [1, 2, 2, 3]);
    let changed = world.done(change_plan(&world, &venue, &hall, a_plan(7)), at(2)).await;

    let newest = Hall { plan_version: 4, place_count: 10, ..hall.clone() };
    assert_eq!(changed, newest);
    assert_eq!(world.store.hall(hall.id).await, Ok(Some((newest, venue.clone()))));
    for (version, standing, seconds) in [(1, 2, 0), (2, 3, 1), (3, 2, 1), (4, 7, 2)] {
        let expected = HallPlan {
            hall_id: hall.id,
            version,
            plan: a_plan(standing),
            created_by: venue.organizer_id,
            created_at: at(seconds),
        };
        let id = PlanVersion { hall_id: hall.id, version };
        assert_eq!(world.store.hall_plan(id).await, Ok(Some(expected)), "version {version}");
    }
    let unknown = PlanVersion { hall_id: hall.id, version: 5 };
    assert_eq!(world.store.hall_plan(unknown).await, Ok(None));
    assert_sound(&world.store, at(3)).await;
}

/// What does not exist reads as nothing.
pub async fn unknown_venues_and_halls_read_as_nothing<S: Store>(store: S) {
    let world = World::new(store);
    let hall_id = world.id();

    assert_eq!(world.store.venue(world.id()).await, Ok(None));
    assert_eq!(world.store.hall(hall_id).await, Ok(None));
    assert_eq!(world.store.hall_plan(PlanVersion { hall_id, version: 1 }).await, Ok(None));
    let halls = world.store.halls(world.id(), None, PageSize::DEFAULT).await;
    assert_eq!(halls.expect("it reads").items, []);
    assert_eq!(world.store.seat_states(world.id()).await, Ok(Vec::new()));
}

/// Venues of all, halls of one venue.
pub async fn venues_and_halls_are_paged_newest_first<S: Store>(store: S) {
    let world = World::new(store);
    let organizer_id = world.user(Role::Organizer).await;
    let (mut venues, mut halls) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        venues.push(world.done(new_venue(&world, organizer_id), OPENING).await);
        halls.push(world.done(new_hall(&world, &venues[0], a_plan(1)), OPENING).await);
    }
    world.done(new_hall(&world, &venues[1], a_plan(1)), OPENING).await;
    let first = venues[0].id;
    venues.reverse();
    halls.reverse();

    for size in [1, 2, 5, 100] {
        let read = all_pages(size, |after, size| world.store.venues(after, size)).await;
        assert_eq!(read, venues, "{size} a page");
        let read = all_pages(size, |after, size| world.store.halls(first, after, size)).await;
        assert_eq!(read, halls, "{size} a page");
    }
}

/// Its seats are the places of the plan, a reservation keeps what is printed on them, and lists tell the venue.
pub async fn a_schedule_made_from_a_plan_reads_back<S: Store>(store: S) {
    let world = World::new(store);
    let (venue, hall) = a_hall(&world, a_plan(2)).await;
    let show = world.open_show(1, 1).await;
    let plan = schedule_in(&world, &hall).await;
    let (concert_id, organizer_id) = (show.concert_id, show.organizer_id);
    let command = CreateSchedule { concert_id, organizer_id, plan: plan.clone() };

    let schedule = world.done(command, at(1)).await;

    let version = PlanVersion { hall_id: hall.id, version: 1 };
    assert_eq!((schedule.plan, schedule.seat_count), (Some(version), 5));
    assert_eq!(world.store.schedule(schedule.id).await, Ok(Some(schedule.clone())));
    let seats = world.store.seats(schedule.id).await.expect("it reads");
    assert_eq!(seats, plan.seat_map.seats(schedule.id, &plan.seat_ids));
    world.done(change_plan(&world, &venue, &hall, a_plan(9)), at(2)).await;
    let renamed = rename_venue(&world, &venue, "새 이름", ExpectedVersion::Any);
    let renamed = world.done(renamed, at(2)).await;
    let listings = world.store.schedules(concert_id, false, None, PageSize::DEFAULT, at(3)).await;
    let listings = listings.expect("it reads").items;
    let venues: Vec<_> = listings.into_iter().map(|it| (it.schedule.plan, it.venue)).collect();
    let now = Some(VenueOfSchedule::from(renamed));
    assert_eq!(venues, [(None, None), (Some(version), now)], "the plan stays, the name does not");

    let fan = world.fan(show.room_id).await;
    let in_hall = super::world::Show { schedule_id: schedule.id, ..show };
    let held = world.held(fan, &in_hall, &[3, 4], at(4)).await;
    assert_eq!(held.seats, [2, 3].map(|index: usize| ReservedSeat::from(&seats[index])));
    assert_eq!(world.reservation(held.id).await, held);
    let states = world.store.seat_states(schedule.id).await.expect("it reads");
    let taken = SeatState::Held { reservation_id: held.id, until: held.expires_at };
    assert_eq!(states, [SeatState::Free, SeatState::Free, taken, taken, SeatState::Free]);
    assert_sound(&world.store, at(5)).await;
}

/// Sections and zones of a plan, those of rows and columns, and places for wheelchairs.
pub async fn the_best_seats_of_a_part_of_a_schedule_are_held<S: Store>(store: S) {
    let world = World::new(store);
    let (_, hall) = a_hall(&world, a_plan(2)).await;
    let show = world.open_show(1, 3).await;
    let plan = schedule_in(&world, &hall).await;
    let (concert_id, organizer_id) = (show.concert_id, show.organizer_id);
    let made = world.done(CreateSchedule { concert_id, organizer_id, plan }, at(1)).await;
    let in_hall = super::world::Show { schedule_id: made.id, ..show.clone() };
    let best = async |show, section: Option<&str>, zone: Option<&str>, accessible| {
        let of = |name: Option<&str>| name.map(str::to_owned);
        let best = BestSeats { count: 1, section: of(section), zone: of(zone), accessible };
        let fan = world.fan(in_hall.room_id).await;
        let held = world.ask(world.hold_choice(fan, show, SeatChoice::Best(best)), at(2)).await;
        held.map(|held| held.seats[0].number)
    };

    assert_eq!(best(&in_hall, Some("1층 \"O'R\""), None, false).await, Ok(2));
    assert_eq!(best(&in_hall, None, Some("S"), false).await, Ok(4), "standing places");
    assert_eq!(best(&in_hall, Some("Arena"), Some("S"), false).await, Ok(5));
    assert_eq!(best(&in_hall, None, None, true).await, Ok(3));
    let taken = Err(HoldRefused::SeatTaken);
    assert_eq!(best(&in_hall, Some("Arena"), None, false).await, taken);
    let no_section = Err(HoldRefused::SectionNotFound);
    assert_eq!(best(&in_hall, Some("R석"), Some("R"), false).await, no_section);
    let no_zone = Err(HoldRefused::ZoneNotFound);
    assert_eq!(best(&in_hall, None, Some("1"), false).await, no_zone);
    assert_eq!(best(&show, Some("R석"), Some("1"), false).await, Ok(1));
    assert_eq!(best(&show, None, Some("R"), false).await, no_zone);
    assert_sound(&world.store, at(5)).await;
}

/// 50,000 seats in rows of 25: the plan, and a schedule made from it.
pub async fn a_plan_of_the_most_places_is_written_whole<S: Store>(store: S) {
    let world = World::new(store);
    let row = |row: i32| json!({"label": row.to_string(), "seats": 25, "aisles": [12]});
    let rows: Vec<_> = (1..=500).map(row).collect();
    let section =
        |n: i32| json!({"name": n.to_string(), "zone": "R", "x": 0, "y": n, "rows": rows});
    let largest = plan((1..=4).map(section).collect());

    let (_, hall) = a_hall(&world, Arc::clone(&largest)).await;

    assert_eq!(hall.place_count, SeatPlan::PLACES_MAX);
    let read = world.store.hall_plan(PlanVersion { hall_id: hall.id, version: 1 }).await;
    assert_eq!(read.expect("it reads").map(|read| read.plan), Some(largest));
    let show = world.show(1, 1).await;
    let plan = schedule_in(&world, &hall).await;
    let (id, concert_id, organizer_id) = (plan.id, show.concert_id, show.organizer_id);
    world.done(CreateSchedule { concert_id, organizer_id, plan: plan.clone() }, at(1)).await;
    assert_eq!(world.store.seats(id).await, Ok(plan.seat_map.seats(id, &plan.seat_ids)));
    assert_eq!(world.store.seat_states(id).await, Ok(vec![SeatState::Free; 50_000]));
}

/// Each refusal, on both sides of its rule.
pub async fn a_venue_is_changed_by_those_who_manage_it<S: Store>(store: S) {
    let world = World::new(store);
    let (venue, hall) = a_hall(&world, a_plan(1)).await;
    let stranger = world.user(Role::Organizer).await;
    let operator = world.user(Role::Operator).await;
    let fan = world.user(Role::Fan).await;
    let made = world.ask(new_venue(&world, fan), at(1)).await;
    assert_eq!(made, Err(CreateVenueRefused::NotOrganizer));

    for (user_id, may) in [(stranger, false), (fan, false), (operator, true)] {
        let edit = rename_venue(&world, &venue, "다른 이름", ExpectedVersion::Any);
        let edited = world.ask(ChangeVenue { user_id, ..edit }, at(1)).await;
        assert_eq!(edited.err(), (!may).then_some(ChangeVenueRefused::NotManager));
        let added = CreateHall { user_id, ..new_hall(&world, &venue, a_plan(1)) };
        let added = world.ask(added, at(1)).await;
        assert_eq!(added.err(), (!may).then_some(CreateHallRefused::NotManager));
        let changed = ChangePlan { user_id, ..change_plan(&world, &venue, &hall, a_plan(2)) };
        let changed = world.ask(changed, at(1)).await;
        assert_eq!(changed.err(), (!may).then_some(ChangePlanRefused::NotManager));
    }
    let nowhere = Venue { id: world.id(), ..venue.clone() };
    let edit = rename_venue(&world, &nowhere, "없음", ExpectedVersion::Any);
    assert_eq!(world.ask(edit, at(2)).await, Err(ChangeVenueRefused::VenueNotFound));
    let added = world.ask(new_hall(&world, &nowhere, a_plan(1)), at(2)).await;
    assert_eq!(added, Err(CreateHallRefused::VenueNotFound));
    let unknown = Hall { id: world.id(), ..hall };
    let changed = world.ask(change_plan(&world, &venue, &unknown, a_plan(1)), at(2)).await;
    assert_eq!(changed, Err(ChangePlanRefused::HallNotFound));
}

/// Of two organizers who saw the same version, one has the edit.
pub async fn one_version_of_a_venue_is_changed_once_by_ten_tasks<S: Store>(store: S) {
    let world = World::new(store);
    let (venue, _) = a_hall(&world, a_plan(1)).await;

    let changes = (0..10).map(|n| {
        let seen = ExpectedVersion::OneOf(vec![venue.version]);
        let (world, edit) = (world.clone(), rename_venue(&world, &venue, &format!("{n}"), seen));
        async move { world.ask(edit, at(1)).await }
    });
    let answers = together(changes).await;

    let done: Vec<_> = answers.iter().flatten().collect();
    assert_eq!(done.len(), 1);
    assert_eq!(world.store.venue(venue.id).await, Ok(Some(done[0].clone())));
    let refused = answers.iter().filter(|it| **it == Err(ChangeVenueRefused::OtherVersion));
    assert_eq!(refused.count(), 9);
}

/// Each of ten different plans becomes a version, and ten equal ones become one.
pub async fn ten_plans_of_one_hall_at_once_are_ten_versions<S: Store>(store: S) {
    let world = World::new(store);
    let (venue, hall) = a_hall(&world, a_plan(1)).await;
    let at_once = async |plans: Vec<Arc<SeatPlan>>| {
        let changes = plans.into_iter().map(|plan| {
            let (world, change) = (world.clone(), change_plan(&world, &venue, &hall, plan));
            async move { world.done(change, at(1)).await.plan_version }
        });
        let mut versions = together(changes).await;
        versions.sort_unstable();
        versions
    };

    assert_eq!(at_once((2..12).map(a_plan).collect()).await, Vec::from_iter(2..12));
    assert_eq!(at_once((0..10).map(|_| a_plan(50)).collect()).await, [12; 10]);

    let (newest, _) = world.store.hall(hall.id).await.expect("it reads").expect("it exists");
    assert_eq!((newest.plan_version, newest.place_count), (12, 53));
    assert_sound(&world.store, at(2)).await;
}
