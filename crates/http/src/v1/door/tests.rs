use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::AUTHORIZATION;
use mockall::predicate::{always, eq};
use serde_json::{Value, json};
use stagedoor_domain::operations::{CheckInRefused, CheckInTicket};
use stagedoor_domain::ports::{
    CheckInCount, CheckInsOfDoor, MockDoors, MockSchedules, MockShowTickets, MockSubmit,
    MockTickets, SignedTicket,
};
use stagedoor_domain::{
    CheckIn, ConcertId, DoorName, Idempotency, Instant, Page, PersonName, ReservationId, Role,
    Seat, SeatId, SeatState, Submission, Ticket, TicketId, TicketNumber, TicketState,
};
use time::Duration;

use super::*;
use crate::testing::{Answer, NOW, answer, answering, keys, request};
use crate::tests::authorization::{services_of_a, user};
use crate::v1::schedule::tests::a_schedule;

const LIST: &str = "/api/v1/schedules/00000000-0000-0000-0000-000000000017/door-list";

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn number() -> TicketNumber {
    TicketNumber::of_bits(0).unwrap()
}

fn a_check_in(scanned_at: Instant) -> CheckIn {
    CheckIn { scanned_at, door: DoorName::parse("=North").unwrap(), user_id: user(7) }
}

fn an_entry(state: TicketState) -> DoorEntry {
    let schedule_id = ScheduleId(id(0x17));
    let ticket = Ticket {
        id: TicketId(id(5)),
        number: number(),
        reservation_id: ReservationId(id(6)),
        concert_id: ConcertId(id(1)),
        schedule_id,
        seat_id: SeatId(id(8)),
        holder_id: user(11),
        issued_at: NOW,
        state,
        version: 0,
    };
    let seat = Seat {
        id: ticket.seat_id,
        schedule_id,
        number: 3,
        row: 1,
        column: 3,
        label: "VIP".to_owned(),
        price: stagedoor_domain::Points::ZERO,
        state: SeatState::Free,
        details: Default::default(),
    };
    DoorEntry { ticket, holder_name: PersonName::parse("Kim Minji").unwrap(), seat }
}

/// Services of a user of this role, who is assigned to the doors of concert 1 or not, with its schedule `0x17`.
fn at_the_door(role: Role, is_assigned: bool, mut doors: MockDoors) -> Services {
    doors.expect_is_assigned().returning(move |_, _| Ok(is_assigned));
    let mut schedules = MockSchedules::new();
    schedules.expect_schedule().returning(|id| {
        let schedule = Schedule { id, concert_id: ConcertId(Uuid::from_u128(1)), ..a_schedule() };
        Ok((id == ScheduleId(Uuid::from_u128(0x17))).then_some(schedule))
    });
    let mut services = services_of_a(role);
    services.schedules = Arc::new(schedules);
    services.doors.read = Arc::new(doors);
    services
}

async fn ask(services: Services, method: Method, path: &str, body: Option<Value>) -> Answer {
    let token = keys().access_token(user(7), "Staff", 0, NOW, 60).unwrap();
    let request = request(method, path).insert_header((AUTHORIZATION, format!("Bearer {token}")));
    let request = request.insert_header(("Idempotency-Key", "scan-1"));
    answer(services, body.into_iter().fold(request, |request, body| request.set_json(body))).await
}

/// A scan at the door of schedule `0x17` with these fields besides.
fn a_scan(fields: Value) -> Value {
    let mut scan = json!({"scheduleId": id(0x17), "door": "North"});
    scan.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    scan
}

/// Services that expect this command, and answer that the ticket is in.
fn expecting(command: CheckInTicket, body: &Value) -> Services {
    let mut show = MockShowTickets::new();
    let signed = SignedTicket { number: number(), schedule_id: ScheduleId(id(1)) };
    show.expect_read_code().returning(move |code| (code == "SD1 signed").then_some(signed));
    let mut tickets = MockTickets::new();
    tickets.expect_ticket_numbered().with(eq(number())).returning(|_| Ok(Some(TicketId(id(5)))));
    let state = TicketState::CheckedIn(a_check_in(command.scanned_at));
    let ticket = an_entry(state).ticket;
    let mut submit = MockSubmit::<CheckInTicket>::new();
    let body = body.clone();
    let expected = move |it: &Submission<CheckInTicket>| {
        let is_keyed = it.key.as_ref().is_some_and(|key: &Idempotency| key.owner == user(7));
        assert_eq!(it.command, command, "{body}");
        is_keyed
    };
    submit.expect_submit().withf(expected).times(1).returning(move |_| Ok(Ok(ticket.clone())));
    let mut doors = MockDoors::new();
    doors.expect_door_entry().returning(|_| Ok(Some(an_entry(TicketState::Valid))));
    let mut services = at_the_door(Role::Door, true, doors);
    services.tickets.show = Arc::new(show);
    services.tickets.read = Arc::new(tickets);
    services.doors.check_in_ticket = Arc::new(submit);
    services
}

#[actix_web::test]
async fn a_code_and_a_number_check_the_same_ticket_in() {
    let command = |scanned_at| CheckInTicket {
        user_id: user(7),
        schedule_id: ScheduleId(id(0x17)),
        ticket_id: Some(TicketId(id(5))),
        door: DoorName::parse("North").unwrap(),
        scanned_at,
    };
    let earlier = NOW - Duration::HOUR;
    let written = earlier.format(&time::format_description::well_known::Rfc3339).unwrap();
    let table = [
        (a_scan(json!({"code": "SD1 signed"})), NOW),
        (a_scan(json!({"number": number().to_string()})), NOW),
        (
            a_scan(json!({"number": number().to_string().to_lowercase(), "scannedAt": written})),
            earlier,
        ),
    ];
    for (body, scanned_at) in table {
        let services = expecting(command(scanned_at), &body);

        let answered = ask(services, Method::POST, "/api/v1/check-ins", Some(body)).await;

        assert_eq!(answered.status, 201, "{}", answered.text);
        let told = answered.json();
        assert_eq!(
            (&told["status"], &told["holderName"]),
            (&json!("CHECKED_IN"), &json!("Kim Minji"))
        );
        assert_eq!(told["checkIn"]["door"], "=North");
        assert_eq!(told["seat"]["number"], 3);
    }
}

#[actix_web::test]
async fn a_scan_that_breaks_a_rule_is_refused_with_the_field() {
    let mut show = MockShowTickets::new();
    show.expect_read_code().returning(|_| None);
    let mut services = at_the_door(Role::Door, true, MockDoors::new());
    services.tickets.show = Arc::new(show);
    let mut tickets = MockTickets::new();
    tickets.expect_ticket_numbered().returning(|_| Ok(None));
    services.tickets.read = Arc::new(tickets);
    let number = number().to_string();
    let long = "N".repeat(41);
    let table = [
        (a_scan(json!({})), "code, number"),
        (a_scan(json!({"code": "SD1", "number": number})), "code, number"),
        (a_scan(json!({"code": "SD1 forged"})), "code"),
        (a_scan(json!({"number": "0000000000-1"})), "number"),
        (a_scan(json!({"number": number, "door": " "})), "door"),
        (a_scan(json!({"number": number, "door": long})), "door"),
        (a_scan(json!({"number": number, "scannedAt": "today"})), "scannedAt"),
    ];
    for (body, field) in table {
        let sent = Some(body.clone());
        let answered = ask(services.clone(), Method::POST, "/api/v1/check-ins", sent).await;

        assert_eq!(answered.refusal(), (400, "VALIDATION".to_owned()), "{body}");
        assert_eq!(answered.json()["errors"][0]["field"], field, "{body}");
    }
}

#[actix_web::test]
async fn a_refused_scan_tells_what_the_door_should_know() {
    let first = CheckInRefused::AlreadyCheckedIn(a_check_in(NOW));
    let table = [
        (first, (409, "ALREADY_CHECKED_IN")),
        (CheckInRefused::OtherDate(Some(NOW)), (409, "OTHER_DATE")),
        (CheckInRefused::OtherDate(None), (409, "OTHER_DATE")),
        (CheckInRefused::DoorsClosed, (409, "DOORS_CLOSED")),
        (CheckInRefused::TicketVoid, (409, "TICKET_VOID")),
        (CheckInRefused::NotStaff, (403, "FORBIDDEN")),
        (CheckInRefused::TicketNotFound, (404, "TICKET_NOT_FOUND")),
        (CheckInRefused::ScheduleNotFound, (404, "SCHEDULE_NOT_FOUND")),
    ];
    for (refused, (status, code)) in table {
        let mut services = at_the_door(Role::Door, true, MockDoors::new());
        let mut tickets = MockTickets::new();
        tickets.expect_ticket_numbered().returning(|_| Ok(None));
        services.tickets.read = Arc::new(tickets);
        services.doors.check_in_ticket = answering(Err(refused.clone().into()));
        let body = a_scan(json!({"number": number().to_string()}));

        let answered = ask(services, Method::POST, "/api/v1/check-ins", Some(body)).await;

        assert_eq!(answered.refusal(), (status, code.to_owned()));
        let problem = answered.json();
        let is_first = matches!(refused, CheckInRefused::AlreadyCheckedIn(_));
        assert_eq!(problem["checkIn"]["door"] == "=North", is_first, "{problem}");
        let is_same = refused == CheckInRefused::OtherDate(Some(NOW));
        assert_eq!(problem["startsAt"].is_string(), is_same, "{problem}");
    }
}

#[actix_web::test]
async fn only_staff_of_the_door_reads_its_list() {
    let elsewhere = LIST.replace("17", "18");
    let table = [
        (Role::Door, true, LIST, 200),
        (Role::Operator, false, LIST, 200),
        (Role::Door, false, LIST, 403),
        (Role::Fan, true, LIST, 403),
        (Role::Organizer, true, LIST, 403),
        (Role::Door, true, &elsewhere, 404),
    ];
    for (role, is_assigned, path, status) in table {
        let mut doors = MockDoors::new();
        doors.expect_door_list().returning(|_, _, _| Ok(Page { items: Vec::new(), next: None }));
        let services = at_the_door(role, is_assigned, doors);

        let answered = ask(services, Method::GET, path, None).await;

        assert_eq!(answered.status, status, "{role:?} {is_assigned} {}", answered.text);
    }
}

#[actix_web::test]
async fn a_page_of_the_list_has_up_to_a_thousand_tickets() {
    for (query, items) in [("", 1_000), ("?limit=1000", 1_000), ("?limit=7", 7)] {
        let mut doors = MockDoors::new();
        doors
            .expect_door_list()
            .withf(move |_, after, size| after.is_none() && size.items() == items)
            .returning(|_, _, _| {
                let items = vec![an_entry(TicketState::CheckedIn(a_check_in(NOW)))];
                Ok(Page { items, next: None })
            });
        let services = at_the_door(Role::Door, true, doors);

        let answered = ask(services, Method::GET, &format!("{LIST}{query}"), None).await;

        assert_eq!(answered.json()["items"][0]["status"], "CHECKED_IN", "{}", answered.text);
    }
    for query in ["?limit=0", "?limit=1001", "?limit=x"] {
        let services = at_the_door(Role::Door, true, MockDoors::new());

        let answered = ask(services, Method::GET, &format!("{LIST}{query}"), None).await;

        assert_eq!(answered.json()["errors"][0]["field"], "limit", "{}", answered.text);
    }
}

#[actix_web::test]
async fn the_table_leaves_out_void_tickets_and_no_cell_is_a_formula() {
    let reason = VoidReason::Transferred;
    let mut doors = MockDoors::new();
    let first = Page {
        items: vec![an_entry(TicketState::Valid), an_entry(TicketState::Void { at: NOW, reason })],
        next: Some(TicketId(id(5))),
    };
    let rest = Page { items: vec![an_entry(TicketState::CheckedIn(a_check_in(NOW)))], next: None };
    doors.expect_door_list().with(always(), eq(None), always()).return_once(|_, _, _| Ok(first));
    let after = Some(TicketId(id(5)));
    doors.expect_door_list().with(always(), eq(after), always()).return_once(|_, _, _| Ok(rest));
    let services = at_the_door(Role::Door, true, doors);

    let answered = ask(services, Method::GET, &format!("{LIST}.csv"), None).await;

    assert_eq!(answered.header("content-type"), "text/csv; charset=utf-8");
    let lines: Vec<_> = answered.text.lines().collect();
    let number = number();
    assert_eq!(lines[0], "\u{feff}number,name,section,row_label,seat_number,seat,scanned_at,door");
    assert_eq!(lines[1], format!("{number},Kim Minji,VIP,1,3,3,,"));
    assert!(lines[2].ends_with(",'=North"), "{}", lines[2]);
    assert_eq!(lines.len(), 3);
}

#[actix_web::test]
async fn the_count_tells_each_door() {
    let mut doors = MockDoors::new();
    doors.expect_check_in_count().returning(|_| {
        let door = |name, checked_in| CheckInsOfDoor {
            door: DoorName::parse(name).unwrap(),
            checked_in,
            last_scanned_at: NOW,
        };
        Ok(CheckInCount { tickets: 9, doors: vec![door("North", 2), door("South", 3)] })
    });
    let services = at_the_door(Role::Door, true, doors);
    let path = "/api/v1/schedules/00000000-0000-0000-0000-000000000017/check-ins";

    let told = ask(services, Method::GET, path, None).await.json();

    assert_eq!((&told["tickets"], &told["checkedIn"]), (&json!(9), &json!(5)));
    assert_eq!(told["doors"][1]["door"], "South");
}
