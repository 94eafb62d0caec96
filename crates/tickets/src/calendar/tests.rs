use icalendar::{Calendar, CalendarComponent, Component, Event};
use proptest::prelude::*;
use time::macros::datetime;
use uuid::Uuid;

use super::*;

fn entry() -> CalendarEntry {
    CalendarEntry {
        ticket_id: TicketId(Uuid::from_u128(0x0193_2f6e_7d3a_7c41_9a5b_0f1e_2d3c_4b5a)),
        version: 3,
        made_at: datetime!(2026-11-30 10:00:30.5 UTC),
        starts_at: datetime!(2026-12-24 20:00 +9),
        ends_at: datetime!(2026-12-24 22:30 +9),
        title: "Winter; an evening, with \\ and more".to_owned(),
        location: vec!["Olympic Hall".to_owned(), "424 Olympic-ro, Seoul".to_owned()],
        details: vec!["Stalls, row B, seat 12".to_owned(), "Ticket G0000-00000-F".to_owned()],
        status: EntryStatus::Confirmed,
    }
}

/// The event, by a reader that was not written here.
fn read(file: &str) -> Event {
    let calendar: Calendar = file.parse().unwrap();
    match &calendar.components[..] {
        [CalendarComponent::Event(event)] => event.clone(),
        others => panic!("not one event: {others:?}"),
    }
}

#[test]
fn the_file_of_a_ticket_is_this_one() {
    let lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Stagedoor//Tickets//EN",
        "CALSCALE:GREGORIAN",
        "BEGIN:VEVENT",
        "UID:01932f6e-7d3a-7c41-9a5b-0f1e2d3c4b5a@stagedoor",
        "SEQUENCE:3",
        "DTSTAMP:20261130T100030Z",
        "DTSTART:20261224T110000Z",
        "DTEND:20261224T133000Z",
        r"SUMMARY:Winter\; an evening\, with \\ and more",
        r"LOCATION:Olympic Hall\, 424 Olympic-ro\, Seoul",
        r"DESCRIPTION:Stalls\, row B\, seat 12\nTicket G0000-00000-F",
        "STATUS:CONFIRMED",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ];

    assert_eq!(entry().file(), lines.join("\r\n"));
}

#[test]
fn a_reader_reads_the_texts_as_they_were() {
    let event = read(&entry().file());

    assert_eq!(event.get_uid(), Some("01932f6e-7d3a-7c41-9a5b-0f1e2d3c4b5a@stagedoor"));
    assert_eq!(event.property_value("SUMMARY"), Some(entry().title.as_str()));
    assert_eq!(event.property_value("LOCATION"), Some("Olympic Hall, 424 Olympic-ro, Seoul"));
    let details = "Stalls, row B, seat 12\nTicket G0000-00000-F";
    assert_eq!(event.property_value("DESCRIPTION"), Some(details));
}

#[test]
fn a_cancelled_event_is_the_same_event() {
    let cancelled = CalendarEntry { version: 4, status: EntryStatus::Cancelled, ..entry() };
    let event = read(&cancelled.file());

    assert_eq!(event.property_value("STATUS"), Some("CANCELLED"));
    assert_eq!(event.property_value("SEQUENCE"), Some("4"));
    assert_eq!(event.get_uid(), read(&entry().file()).get_uid());
}

#[test]
fn a_long_line_is_folded_between_characters() {
    let title = "겨울밤의 음악회 ".repeat(20);
    let file = CalendarEntry { title: title.clone(), ..entry() }.file();

    assert!(file.lines().any(|line| line.starts_with(' ')), "{file}");
    for line in file.split(LINE_END) {
        assert!(line.len() <= LINE_BYTES_MAX, "{} bytes: {line}", line.len());
    }
    assert!(file.replace("\r\n ", "").contains(&format!("SUMMARY:{title}\r\n")));
    assert_eq!(folded(&"a".repeat(75)), "a".repeat(75));
    assert_eq!(folded(&"a".repeat(76)), format!("{}\r\n a", "a".repeat(75)));
    assert_eq!(
        folded(&"a".repeat(150)),
        format!("{}\r\n {}\r\n a", "a".repeat(75), "a".repeat(74))
    );
}

#[test]
fn a_text_cannot_add_a_line_to_the_file() {
    let title = "Winter\r\nSTATUS:CANCELLED\rX\u{0}\u{7f}\nBEGIN:VALARM".to_owned();
    let file = CalendarEntry { title, location: vec![String::new()], ..entry() }.file();

    assert!(file.contains("SUMMARY:Winter\\nSTATUS:CANCELLEDX\\nBEGIN:VALARM\r\n"), "{file}");
    assert!(file.contains("LOCATION:\r\n"), "{file}");
    assert_eq!(read(&file).property_value("STATUS"), Some("CONFIRMED"));
}

proptest! {
    #[test]
    fn every_text_is_read_as_it_was_written(title in "[^\\p{C}\r\n]{1,200}", seat in "[^\\p{C}]{0,100}") {
        let entry = CalendarEntry { title, details: vec![seat], ..entry() };
        let file = entry.file();

        prop_assert!(file.split(LINE_END).all(|line| line.len() <= LINE_BYTES_MAX));
        let unfolded = file.replace("\r\n ", "");
        let summary = format!("SUMMARY:{}\r\n", escaped(&entry.title));
        prop_assert!(unfolded.contains(&summary));
        let event = read(&file);
        prop_assert_eq!(event.property_value("SUMMARY"), Some(entry.title.as_str()));
    }
}
