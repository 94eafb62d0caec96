//! Seat plans: their documents, their bounds, and the seats made from them (rule 20).

use proptest::prelude::*;
use serde_json::{Value, json};
use stagedoor_domain::seat::best_block::{Wanted, best_block};
use stagedoor_domain::{
    HallPlan, PlanVersion, Points, Seat, SeatDetails, SeatKind, SeatMap, SeatPlan,
};

use crate::builders::*;
use crate::strategies::config;

fn exported(plan: &SeatPlan) -> Value {
    serde_json::to_value(plan).unwrap()
}

fn prices(r: i64, s: i64) -> Vec<(String, i64)> {
    vec![("R".to_owned(), r), ("S".to_owned(), s)]
}

fn seats_of(plan: &HallPlan, prices: &[(String, i64)]) -> Vec<Seat> {
    let map = SeatMap::of_plan(plan, prices).unwrap();
    let ids: Vec<_> = (1..=map.seat_count().unsigned_abs().into()).map(seat).collect();
    map.seats(schedule(1), &ids)
}

#[test]
fn a_plan_is_exported_as_it_was_imported() {
    assert_eq!(exported(&a_seat_plan()), a_plan_document());
}

#[test]
fn a_plan_has_its_sections_in_order() {
    let plan = a_seat_plan();

    assert!(plan.sections().iter().map(|section| section.name.as_str()).eq(["Stalls", "Arena"]));
}

#[test]
fn what_means_the_same_is_the_same_plan() {
    let mut other = a_plan_document();
    other["sections"][0]["rows"][0]["firstNumber"] = json!(1.0);
    other["sections"][0]["rows"][0]["direction"] = json!("ltr");
    other["sections"][0]["rows"][0]["spacing"] = json!(1);
    other["sections"][0]["rows"][0]["offset"] = json!(0.000_4);
    other["sections"][0]["rows"][1]["aisles"] = json!([]);
    other["sections"][0]["rowSpacing"] = json!(1.000_01);
    other["sections"][0]["colour"] = Value::Null;
    other["sections"][1]["name"] = json!("  Arena ");
    other["zones"][0]["colour"] = json!("#7B3FA0");
    let exceptions = other["sections"][0]["rows"][0]["exceptions"].as_array_mut().unwrap();
    exceptions.reverse();

    assert_eq!(SeatPlan::parse(&other, "").unwrap(), a_seat_plan());
}

/// A document of one section with one row, in which one value is replaced.
fn with(pointer: &str, value: Value) -> Value {
    let mut document = json!({
        "stage": {"x": 0, "y": 0, "width": 1, "height": 1},
        "zones": [{"code": "R", "name": "R", "colour": "#000000"}],
        "sections": [{
            "name": "A", "zone": "R", "x": 0, "y": 0, "rows": [{"label": "1", "seats": 3}],
        }],
    });
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(parent).unwrap() {
        Value::Array(items) => items[field.parse::<usize>().unwrap()] = value,
        object => object[field] = value,
    }
    document
}

/// What is replaced, by what, and the refusal: the path in the plan and the rule.
const REFUSED: &str = r##"
/seats | 1 | seats is not a known field
/stage | null | stage is required
/stage | [0, 0, 1, 1] | stage must be an object
/stage/x | "0" | stage.x must be a number from -100000 to 100000
/stage/x | 100000.5 | stage.x must be a number from -100000 to 100000
/stage/width | -1 | stage.width must be a number from 0 to 100000
/stage/label | "a\u0000b" | stage.label must be 0 to 40 characters without control characters
/zones | [] | zones must have 1 to 20 items
/zones | {} | zones must be an array
/zones/0/colour | "red" | zones[0].colour must be a colour as #rrggbb
/zones/0/code | "" | zones[0].code must be 1 to 20 characters without control characters
/zones/0/name | null | zones[0].name is required
/sections | [] | sections must have 1 to 200 items
/sections/0/name | 7 | sections[0].name must be a string
/sections/0/zone | "S" | sections[0].zone must be the code of a zone of the plan
/sections/0/zone | 7 | sections[0].zone must be a string
/sections/0/angle | 361 | sections[0].angle must be a number from -360 to 360
/sections/0/rowSpacing | 0.0001 | sections[0].rowSpacing must be a number above 0 and at most 100
/sections/0/standing | {} | sections[0].rows, standing must stand alone: exactly one of these fields is required
/sections/0/rows | null | sections[0].rows, standing must stand alone: exactly one of these fields is required
/sections/0/rows | [] | sections[0].rows must have 1 to 500 items
/sections/0/rows/0 | {"label": "1"} | sections[0].rows[0].seats is required
/sections/0/rows/0/seats | 0 | sections[0].rows[0].seats must be a whole number from 1 to 500
/sections/0/rows/0/seats | 501 | sections[0].rows[0].seats must be a whole number from 1 to 500
/sections/0/rows/0/seats | 2.5 | sections[0].rows[0].seats must be a whole number from 1 to 500
/sections/0/rows/0/firstNumber | -1 | sections[0].rows[0].firstNumber must be a whole number from 0 to 9999
/sections/0/rows/0/direction | "up" | sections[0].rows[0].direction must be one of ltr, rtl
/sections/0/rows/0/curve | 1e300 | sections[0].rows[0].curve must be a number from -100 to 100
/sections/0/rows/0/aisles | [1, 1] | sections[0].rows[0].aisles[1] must not name an item twice
/sections/0/rows/0/aisles | [3] | sections[0].rows[0].aisles[0] must be a whole number from 1 to 2
/sections/0/rows/0/exceptions | [{"seat": 4, "kind": "ABSENT"}] | sections[0].rows[0].exceptions[0].seat must be a whole number from 1 to 3
/sections/0/rows/0/exceptions | [{"seat": 1}] | sections[0].rows[0].exceptions[0].kind is required
/sections/0/rows/0/exceptions | [{"seat": 1, "kind": "SOFA"}] | sections[0].rows[0].exceptions[0].kind must be one of SEAT, ACCESSIBLE, COMPANION, RESTRICTED_VIEW, ABSENT
/sections/0/rows/0/exceptions | [{"seat": 1, "kind": "ABSENT", "zone": "R"}] | sections[0].rows[0].exceptions[0].zone is not a known field
/sections/0/rows/0/exceptions | [{"seat": 1, "kind": "SEAT"}, {"seat": 1, "kind": "ABSENT"}] | sections[0].rows[0].exceptions[1].seat must not name an item twice
/sections/0 | {"name": "A", "zone": "R", "x": 0, "y": 0, "rowSpacing": 2, "standing": {}} | sections[0].rowSpacing is not a known field
/sections/0 | {"name": "A", "zone": "R", "x": 0, "y": 0, "standing": {"capacity": 50001}} | sections[0].standing.capacity must be a whole number from 1 to 50000
"##;

#[test]
fn a_plan_that_breaks_a_rule_names_the_path_and_the_rule() {
    for line in REFUSED.trim().lines() {
        let [pointer, value, refusal] = line.split(" | ").collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let document = with(pointer, serde_json::from_str(value).unwrap());

        let refused = SeatPlan::parse(&document, "plan").map_err(|invalid| invalid.to_string());

        assert_eq!(refused.unwrap_err(), format!("plan.{refusal}"), "{line}");
    }
    let no_object = SeatPlan::parse(&json!([]), "").unwrap_err();
    assert_eq!(no_object.to_string(), "body must be an object");
}

#[test]
fn names_in_a_plan_are_unique() {
    for (pointer, field) in [
        ("/zones/0", "zones[1].code"),
        ("/sections/0", "sections[1].name"),
        ("/sections/0/rows/0", "sections[0].rows[1].label"),
    ] {
        let item = with("/stage/x", json!(0)).pointer(pointer).unwrap().clone();
        let (list, _) = pointer.rsplit_once('/').unwrap();

        let refused = SeatPlan::parse(&with(list, json!([item, item])), "").unwrap_err();

        assert_eq!(refused.to_string(), format!("{field} must not name an item twice"));
    }
}

/// A plan of sections of 500 rows with as many seats in each.
fn a_large_plan(sections: usize, rows: usize, seats: usize) -> Value {
    let row = |row: usize| json!({"label": row.to_string(), "seats": seats});
    let rows: Vec<_> = (1..=rows).map(row).collect();
    let section =
        |n: usize| json!({"name": n.to_string(), "zone": "R", "x": 0, "y": n, "rows": rows});
    with("/sections", (1..=sections).map(section).collect())
}

#[test]
fn a_plan_has_1_to_50_000_places() {
    let most = SeatPlan::parse(&a_large_plan(4, 500, 25), "").unwrap();
    assert_eq!((most.place_count(), most.places().count()), (50_000, 50_000));

    let refused = SeatPlan::parse(&a_large_plan(200, 250, 25), "").unwrap_err();
    assert_eq!(refused.to_string(), "sections must have 1 to 50000 seats");
    let nothing = json!([1, 2, 3].map(|seat| json!({"seat": seat, "kind": "ABSENT"})));
    let refused = SeatPlan::parse(&with("/sections/0/rows/0/exceptions", nothing), "").unwrap_err();
    assert_eq!(refused.to_string(), "sections must have 1 to 50000 seats");
}

#[test]
fn the_seats_of_a_schedule_are_those_of_its_plan() {
    let seats = seats_of(&a_hall_plan(), &prices(9_000, 5_000));

    let seen: Vec<_> = seats
        .iter()
        .map(|seat| {
            let SeatDetails { kind, row_label, seat_number } = seat.details.clone();
            let place = (seat.number, seat.row, seat.column, seat.price.get());
            (place, row_label.unwrap_or_default(), seat_number.unwrap(), kind)
        })
        .collect();
    let row = |label: &str| label.to_owned();
    assert_eq!(
        seen,
        [
            ((1, 1, 1, 9_000), row("A"), 1, SeatKind::Seat),
            ((2, 1, 2, 9_000), row("A"), 2, SeatKind::Seat),
            ((3, 1, 4, 9_000), row("A"), 3, SeatKind::Accessible),
            ((4, 1, 5, 9_000), row("A"), 4, SeatKind::Companion),
            ((5, 2, 1, 9_000), row("B"), 4, SeatKind::Seat),
            ((6, 2, 3, 9_000), row("B"), 2, SeatKind::Seat),
            ((7, 2, 4, 5_000), row("B"), 1, SeatKind::RestrictedView),
            ((8, 3, 1, 5_000), String::new(), 1, SeatKind::Standing),
            ((9, 3, 2, 5_000), String::new(), 2, SeatKind::Standing),
        ]
    );
    let sections: Vec<_> = seats.iter().map(|seat| seat.label.as_str()).collect();
    assert_eq!(sections, [vec!["Stalls"; 7], vec!["Arena"; 2]].concat());
    let found = |size| best_block(&seats, &Wanted { size, ..Wanted::default() }, NOW);
    assert_eq!(found(2), Some(vec![seat(1), seat(2)]), "neither an aisle nor a gap is crossed");
    assert_eq!(found(3), None);
}

#[test]
fn every_zone_in_use_needs_a_price() {
    let quarter = Points::MAX.get() / 4;
    let table = [
        (prices(1, quarter), None),
        (prices(1, 1)[..1].to_vec(), Some("plan.prices.S is required")),
        (vec![], Some("plan.prices.R is required")),
        (prices(0, 1), Some("plan.prices.R must be a whole number from 1 to 2251799813685247")),
        (
            prices(1, quarter + 1),
            Some("plan.prices.S must be a whole number from 1 to 2251799813685247"),
        ),
        (
            prices(quarter, quarter),
            Some(
                "plan.prices must be so low that all seats together cost at most 9007199254740991 points",
            ),
        ),
        (
            [prices(1, 1), vec![("VIP".to_owned(), 1)]].concat(),
            Some("plan.prices.VIP must be the code of a zone of the plan"),
        ),
    ];
    for (prices, refused) in table {
        let map = SeatMap::of_plan(&a_hall_plan(), &prices).map_err(|invalid| invalid.to_string());
        assert_eq!(map.err().as_deref(), refused, "{prices:?}");
    }
    let map = SeatMap::of_plan(&a_hall_plan(), &prices(1, 1)).unwrap();
    assert_eq!(map.plan(), Some(PlanVersion { hall_id: hall(1), version: 1 }));
    let mut unused = a_plan_document();
    unused["zones"]
        .as_array_mut()
        .unwrap()
        .push(json!({"code": "V", "name": "V", "colour": "#ffffff"}));
    let unused = SeatPlan::parse(&unused, "").unwrap();
    let unused = HallPlan { plan: unused.into(), ..a_hall_plan() };
    assert!(SeatMap::of_plan(&unused, &prices(1, 1)).is_ok(), "a zone without places needs none");
}

#[test]
fn the_prices_of_a_plan_are_read_back_from_its_seats() {
    let seats = seats_of(&a_hall_plan(), &prices(9_000, 5_000));

    let read: Vec<_> = a_seat_plan().prices_of(&seats).into_iter().collect();

    assert_eq!(read, [("R".to_owned(), points(9_000)), ("S".to_owned(), points(5_000))]);
}

#[test]
fn neighbouring_prices_have_other_colours_which_come_again_when_all_are_used() {
    let sections = (1..=10).map(|price| stagedoor_domain::Section {
        price: points(price),
        label: price.to_string(),
        ..a_section(1, 1)
    });
    let map = SeatMap::new(sections.collect()).unwrap();
    let ids: Vec<_> = (1..=10).map(seat).collect();

    let (plan, _) = SeatPlan::of_seats(&map.seats(schedule(1), &ids));

    let colours: Vec<_> = plan.zones().iter().map(|zone| zone.colour.as_str()).collect();
    let first: std::collections::BTreeSet<_> = colours[..8].iter().collect();
    assert_eq!(first.len(), 8);
    assert_eq!(colours[8..], colours[..2]);
}

#[test]
fn rows_and_columns_have_an_equal_plan() {
    let vip = stagedoor_domain::Section {
        price: points(9_000),
        label: "VIP".to_owned(),
        ..a_section(2, 4)
    };
    let map = SeatMap::new(vec![vip, a_section(1, 6)]).unwrap();
    let ids: Vec<_> = (1..=14).map(seat).collect();
    let seats = map.seats(schedule(1), &ids);

    let (plan, prices) = SeatPlan::of_seats(&seats);

    assert_eq!(plan.place_count(), 14);
    let places: Vec<_> = plan.places().collect();
    assert_eq!(places.len(), seats.len());
    for (place, seat) in places.iter().zip(&seats) {
        assert_eq!((place.row, place.column), (seat.row, seat.column));
        assert_eq!((place.section.name.as_str(), prices[place.zone]), (&*seat.label, seat.price));
    }
    let document = exported(&plan);
    assert_eq!(document["stage"], json!({"x": -3, "y": -6, "width": 6, "height": 3}));
    assert_eq!(document["sections"][0]["x"], json!(-1.5));
    assert_eq!(document["sections"][1]["y"], json!(3), "a row is left free for a name");
    assert_eq!(document["sections"][1]["rows"], json!([{"label": "1", "seats": 6}]));
    assert_eq!(SeatPlan::of_seats(&[]).0.place_count(), 0);
}

/// Exceptions and aisles of a row, drawn from more numbers than the row has.
fn rows() -> impl Strategy<Value = Value> {
    let kinds = ["SEAT", "ACCESSIBLE", "COMPANION", "RESTRICTED_VIEW", "ABSENT"];
    let exceptions = prop::collection::btree_map(
        1_i32..9,
        (prop::sample::select(kinds.to_vec()), any::<bool>()),
        0..4,
    );
    let aisles = prop::collection::btree_set(1_i32..9, 0..3);
    let row =
        (2_i32..9, 0_i32..300, any::<bool>(), -500_i32..500, 1_i32..3_000, exceptions, aisles);
    let row = row.prop_map(|(seats, first, rtl, milli, spacing, exceptions, aisles)| {
        let exceptions: Vec<_> = exceptions
            .into_iter()
            .filter(|(seat, _)| *seat < seats)
            .map(|(seat, (kind, zoned))| {
                let mut exception = json!({"seat": seat, "kind": kind});
                if zoned && kind != "ABSENT" {
                    exception["zone"] = json!("S");
                }
                exception
            })
            .collect();
        let aisles: Vec<_> = aisles.into_iter().filter(|aisle| *aisle < seats).collect();
        json!({
            "seats": seats, "firstNumber": first, "direction": if rtl { "rtl" } else { "ltr" },
            "offset": f64::from(milli) / 1e3, "curve": f64::from(milli) / 1e4,
            "spacing": f64::from(spacing) / 1e3, "aisles": aisles, "exceptions": exceptions,
        })
    });
    prop::collection::vec(row, 1..6).prop_map(|mut rows| {
        for (label, row) in (1..).zip(&mut rows) {
            row["label"] = json!(format!("R{label}"));
        }
        json!({"rows": rows})
    })
}

fn plans() -> impl Strategy<Value = Value> {
    let standing = (1_i32..40, 0_i32..9_000).prop_map(|(capacity, milli)| {
        json!({"standing": {"capacity": capacity, "width": f64::from(milli) / 1e3, "height": 2}})
    });
    let places = prop_oneof![4 => rows(), 1 => standing];
    let section = (places, any::<bool>(), -100_000_i32..100_000, -360_i32..=360);
    prop::collection::vec(section, 1..6).prop_map(|sections| {
        let section = |(n, (places, second, milli, angle)): (usize, (Value, bool, i32, i32))| {
            let mut section = json!({
                "name": format!("S{n}"), "zone": if second { "S" } else { "R" },
                "x": f64::from(milli) / 1e3, "y": milli, "angle": angle,
            });
            section.as_object_mut().unwrap().extend(places.as_object().unwrap().clone());
            section
        };
        let mut document = a_plan_document();
        document["sections"] = sections.into_iter().enumerate().map(section).collect();
        document
    })
}

proptest! {
    #![proptest_config(config(192))]

    #[test]
    fn what_is_exported_is_imported_as_an_equal_plan(document in plans()) {
        let plan = SeatPlan::parse(&document, "").unwrap();

        let text = serde_json::to_string(&plan).unwrap();
        let again = SeatPlan::parse(&serde_json::from_str(&text).unwrap(), "").unwrap();

        prop_assert_eq!(&again, &plan);
        prop_assert_eq!(serde_json::to_string(&again).unwrap(), text);
    }

    #[test]
    fn seats_are_numbered_in_order_and_no_two_have_one_place(document in plans()) {
        let plan = HallPlan { plan: SeatPlan::parse(&document, "").unwrap().into(), ..a_hall_plan() };

        let seats = seats_of(&plan, &prices(9_000, 5_000));

        prop_assert_eq!(seats.len(), usize::try_from(plan.plan.place_count()).unwrap());
        prop_assert!((1..).zip(&seats).all(|(number, seat)| seat.number == number));
        let places: Vec<_> = seats.iter().map(|seat| (seat.row, seat.column)).collect();
        prop_assert!(places.is_sorted_by(|a, b| a < b));
        let mut printed: Vec<_> = seats
            .iter()
            .map(|seat| (&seat.label, &seat.details.row_label, seat.details.seat_number))
            .collect();
        printed.sort();
        printed.dedup();
        prop_assert_eq!(printed.len(), seats.len(), "each has a name of its own");
    }

    #[test]
    fn no_value_in_a_plan_makes_reading_it_panic(
        document in plans(), pointer in "(/(stage|zones|sections|rows|standing|0|1|seats|aisles|exceptions|x|kind)){1,5}",
        value in prop_oneof![
            Just(Value::Null), any::<i64>().prop_map(Value::from), any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from), Just(json!([])), Just(json!({})),
        ],
    ) {
        let mut document = document;
        if let Some(place) = document.pointer_mut(&pointer) {
            *place = value;
        }
        if let Err(refused) = SeatPlan::parse(&document, "plan") {
            prop_assert!(refused.field.starts_with("plan"));
        }
    }
}
