//! Venues, halls and the versions of their plans (rules 19 and 20).

use std::sync::Arc;

use stagedoor_domain::operations::{
    ChangePlan, ChangePlanRefused, ChangeVenue, ChangeVenueRefused, CreateHall, CreateHallRefused,
    CreateVenue, CreateVenueRefused,
};
use stagedoor_domain::venue::{Address, PlaceName, TimeZoneName};
use stagedoor_domain::{
    ExpectedVersion, Hall, HallPlan, OperatorAction, OperatorDeed, Role, SeatPlan, Submission,
    UserId, Venue, VenueEdit, VenueTerms,
};

use crate::builders::*;
use crate::world::World;

fn create(organizer: u8) -> CreateVenue {
    let Venue { id, name, address, time_zone, .. } = a_venue();
    let organizer_id = user(organizer.into());
    CreateVenue { id, organizer_id, name, address, time_zone, open_to_all: false }
}

fn change(user_id: UserId, expected: ExpectedVersion) -> ChangeVenue {
    let name = PlaceName::parse("Opera").unwrap();
    let edit = VenueEdit { name: Some(name), ..VenueEdit::default() };
    ChangeVenue { action_id: action(1), venue_id: venue(1), user_id, edit, expected }
}

fn add_hall(user_id: UserId) -> CreateHall {
    let Hall { id, venue_id, name, .. } = a_hall();
    let plan = Arc::new(a_seat_plan());
    CreateHall { action_id: action(2), id, venue_id, user_id, name, plan }
}

fn another_plan() -> Arc<SeatPlan> {
    let mut document = a_plan_document();
    document["sections"][1]["standing"]["capacity"] = 3.into();
    Arc::new(SeatPlan::parse(&document, "").unwrap())
}

/// Organizer 9, who made the venue, organizer 8, operator 7, and no user 6.
fn people() -> World {
    let [owner, other, operator] =
        [(9, Role::Organizer), (8, Role::Organizer), (7, Role::Operator)]
            .map(|(n, role)| a_user(n, role));
    World::default().with([owner, other, operator])
}

fn a_world() -> World {
    people().with([a_venue()]).with([a_hall()]).with([a_hall_plan()])
}

#[test]
fn only_organizers_make_venues_and_in_open_mode_anyone_does() {
    let mut world = people();
    for stranger in [7, 6] {
        assert_eq!(world.refusal(create(stranger), NOW), CreateVenueRefused::NotOrganizer);
    }
    let open = CreateVenue { open_to_all: true, ..create(7) };
    assert!(people().decide(open, NOW).is_ok());

    assert_eq!(world.decide(create(9), NOW), Ok(a_venue()));
}

#[test]
fn a_venue_is_changed_by_its_organizer_and_by_operators_in_the_version_that_they_saw() {
    use ChangeVenueRefused::*;

    let (seen, older) = (ExpectedVersion::OneOf(vec![0]), ExpectedVersion::OneOf(vec![7]));
    let table = [
        (people(), 9, seen.clone(), Err(VenueNotFound)),
        (a_world(), 8, older.clone(), Err(NotManager)),
        (a_world(), 6, seen.clone(), Err(NotManager)),
        (a_world(), 9, older, Err(OtherVersion)),
        (a_world(), 9, seen.clone(), Ok(1)),
        (a_world(), 7, seen.clone(), Ok(1)),
        (a_world(), 7, ExpectedVersion::Any, Ok(1)),
    ];
    for (mut world, n, expected, verdict) in table {
        let changed = world.decide(change(user(n), expected), NOW);
        assert_eq!(changed.map(|venue| venue.version), verdict, "user {n}");
    }
    let second = ChangeVenue { action_id: action(4), ..change(user(7), seen.clone()) };
    let verdicts = a_world().decide_batch(&[change(user(9), seen), second], NOW);
    assert!(verdicts[0].is_ok());
    assert_eq!(verdicts[1], Err(OtherVersion), "the first of two edits counts");
}

#[test]
fn a_change_to_what_is_already_so_is_none() {
    let edit = VenueEdit { name: Some(a_venue().name), ..VenueEdit::default() };
    let same = ChangeVenue { edit, ..change(user(9), ExpectedVersion::Any) };

    let (verdicts, changes) = a_world().outcome(&[Submission::new(same)], NOW);

    assert_eq!(verdicts, [Ok(a_venue())]);
    assert_eq!(changes.count(), 0);
}

#[test]
fn a_hall_comes_with_the_first_version_of_its_plan() {
    let table = [(8, CreateHallRefused::NotManager), (6, CreateHallRefused::NotManager)];
    for (n, refused) in table {
        let world = people().with([a_venue()]);
        assert_eq!(world.refusal(add_hall(user(n)), NOW), refused, "user {n}");
    }
    assert_eq!(people().refusal(add_hall(user(9)), NOW), CreateHallRefused::VenueNotFound);

    let world = people().with([a_venue()]);
    let (verdicts, changes) = world.outcome(&[Submission::new(add_hall(user(9)))], NOW);

    assert_eq!(verdicts, [Ok(a_hall())]);
    assert_eq!(changes.inserted::<Hall>(), [&a_hall()]);
    assert_eq!(changes.inserted::<HallPlan>(), [&a_hall_plan()]);
}

#[test]
fn each_other_plan_is_the_next_version_and_an_equal_one_is_none() {
    let change =
        |n, plan| ChangePlan { action_id: action(3), hall_id: hall(1), user_id: user(n), plan };
    assert_eq!(people().refusal(change(9, another_plan()), NOW), ChangePlanRefused::HallNotFound);
    assert_eq!(a_world().refusal(change(8, another_plan()), NOW), ChangePlanRefused::NotManager);
    let first = || Arc::new(a_seat_plan());
    let plans = [first(), another_plan(), another_plan(), first()];
    let mut world = a_world();

    let actions = [action(3), action(4), action(5), action(6)];
    let commands = plans.into_iter().zip(actions);
    let commands = commands.map(|(plan, action_id)| ChangePlan { action_id, ..change(7, plan) });
    let verdicts = world.decide_batch(&commands.collect::<Vec<_>>(), NOW);

    let versions: Vec<_> = verdicts.into_iter().map(|hall| hall.unwrap().plan_version).collect();
    assert_eq!(versions, [1, 2, 2, 3]);
    let counts: Vec<_> = world.all::<HallPlan>().map(|it| it.plan.place_count()).collect();
    assert_eq!(counts, [9, 10, 9], "older versions stay");
    assert_eq!(world.get::<Hall>(hall(1)).place_count, 9);
}

#[test]
fn each_change_of_a_venue_and_its_halls_is_recorded_and_what_changes_nothing_is_not() {
    let mut world = people().with([a_venue()]);

    world.decide(change(user(7), ExpectedVersion::Any), NOW).unwrap();
    world.decide(add_hall(user(7)), NOW).unwrap();
    let plan =
        |n, plan| ChangePlan { action_id: action(n), hall_id: hall(1), user_id: user(7), plan };
    world.decide(plan(3, another_plan()), NOW).unwrap();
    world.decide(plan(4, another_plan()), NOW).unwrap();
    let same = ChangeVenue { action_id: action(5), ..change(user(7), ExpectedVersion::Any) };
    world.decide(same, NOW).unwrap();

    let renamed = world.get::<Venue>(venue(1));
    let (before, after) = (VenueTerms::from(&a_venue()), VenueTerms::from(renamed));
    let deeds = [
        OperatorDeed::VenueEdited { venue_id: venue(1), before, after },
        OperatorDeed::HallAdded { hall_id: hall(1) },
        OperatorDeed::PlanChanged { hall_id: hall(1), before: 1, after: 2 },
    ];
    let ids = [action(1), action(2), action(3)];
    let expected: Vec<_> = ids
        .into_iter()
        .zip(deeds)
        .map(|(id, deed)| OperatorAction { id, operator_id: user(7), deed, at: NOW })
        .collect();
    assert_eq!(world.all::<OperatorAction>().cloned().collect::<Vec<_>>(), expected);
}

#[test]
fn names_addresses_and_time_zones_have_bounds() {
    let long = "x".repeat(301);
    assert_eq!(PlaceName::parse("  Opera\u{200b} ").unwrap().as_str(), "Opera");
    for name in ["", " ", "a\nb", &long[..101]] {
        assert_eq!(PlaceName::parse(name).unwrap_err().field, "name", "{name:?}");
    }
    assert_eq!(Address::parse("").unwrap().as_str(), "");
    assert_eq!(Address::stored("1 Street").unwrap().as_str(), "1 Street");
    for address in ["1 Street\nTown", &long] {
        assert_eq!(Address::parse(address).unwrap_err().field, "address");
    }
    assert_eq!(TimeZoneName::parse(" asia/seoul ").unwrap().as_str(), "Asia/Seoul");
    for zone in ["", "Asia", "Asia/Atlantis", "+09:00", "../etc/passwd", &long] {
        let refused = TimeZoneName::parse(zone).unwrap_err().to_string();
        assert_eq!(refused, "timeZone must be the name of an IANA time zone, such as Asia/Seoul");
    }
}
