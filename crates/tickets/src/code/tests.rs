use proptest::prelude::*;
use stagedoor_domain::{ConcertId, ReservationId, SeatId, TicketId, TicketState, UserId};
use time::macros::datetime;

use super::*;

const OLD: &str = "the old secret of these tests and nothing else";
const NEW: &str = "the new secret of these tests and nothing else";

pub(crate) fn keys() -> TicketKeys {
    TicketKeys::parse(OLD).unwrap()
}

pub(crate) fn ticket() -> Ticket {
    Ticket {
        id: TicketId(Uuid::from_u128(1)),
        number: TicketNumber::of_bits(1 << 49).unwrap(),
        reservation_id: ReservationId(Uuid::from_u128(2)),
        concert_id: ConcertId(Uuid::from_u128(3)),
        schedule_id: ScheduleId(Uuid::from_u128(0x0193_2f6e_7d3a_7c41_9a5b_0f1e_2d3c_4b5a)),
        seat_id: SeatId(Uuid::from_u128(5)),
        holder_id: UserId(Uuid::from_u128(6)),
        issued_at: datetime!(2026-11-30 10:00 UTC),
        state: TicketState::Valid,
        version: 0,
    }
}

fn signed(ticket: &Ticket) -> SignedTicket {
    SignedTicket { number: ticket.number, schedule_id: ticket.schedule_id }
}

/// The code of any bytes, with a signature of the first key.
fn signed_bytes(bytes: &[u8]) -> String {
    let signature = keys().first().sign(&[PURPOSE, bytes].concat());
    format!("{PREFIX}{}", base45::encode([bytes, &signature[..]].concat()))
}

#[test]
fn a_code_says_which_ticket_it_is_of() {
    assert_eq!(keys().verify(&keys().sign(&ticket())), Some(signed(&ticket())));
}

/// A change of the form makes every printed ticket worthless. It needs another prefix, beside this one.
#[test]
fn the_form_of_a_code_is_this_one() {
    let code = "SD1$CP000000000/80$:5I$F*VF5NJ0-1FW5UN9N6UQQPO4RS2PO R5NB%L0+P1 V5$R9SK9F8FL5HUYLGIM+02DDML%MDI9%3W2YTXAQ14ACBVSTH+L8%JJW1BYZC7TQINTXGL";

    assert_eq!(keys().sign(&ticket()), code);
    assert_eq!(keys().verify(code), Some(signed(&ticket())));
    assert_eq!(code.len(), LETTERS);
}

#[test]
fn a_code_has_letters_of_the_alphanumeric_mode_of_qr_codes_alone() {
    let code = keys().sign(&ticket());

    let is_known = |letter: char| {
        letter.is_ascii_digit() || letter.is_ascii_uppercase() || " $%*+-./:".contains(letter)
    };
    assert!(code.chars().all(is_known), "{code}");
}

#[test]
fn base_45_is_that_of_rfc_9285() {
    for (text, letters) in [
        ("AB", "BB8"),
        ("Hello!!", "%69 VD92EX0"),
        ("base-45", "UJCLQE7W581"),
        ("ietf!", "QED8WEX0"),
    ] {
        assert_eq!(base45::encode(text), letters);
        assert_eq!(base45::decode(letters).unwrap(), text.as_bytes());
    }
    for refused in ["GGW", ":::", "A", "ABCD", "bb8", "BB8\u{e9}"] {
        assert!(base45::decode(refused).is_err(), "{refused}");
    }
}

#[test]
fn two_processes_with_the_same_secret_sign_the_same() {
    let other = std::thread::spawn(|| keys().sign(&ticket())).join().unwrap();

    assert_eq!(keys().sign(&ticket()), other);
    assert_eq!(keys().clone().sign(&ticket()), other);
}

#[test]
fn a_key_that_is_second_still_verifies_and_one_that_was_removed_does_not() {
    let code = keys().sign(&ticket());
    let rotated = TicketKeys::parse(&format!("{NEW},{OLD}")).unwrap();
    let removed = TicketKeys::parse(NEW).unwrap();

    assert_eq!(rotated.verify(&code), Some(signed(&ticket())));
    assert_eq!(removed.verify(&code), None);
    assert_eq!(rotated.sign(&ticket()), removed.sign(&ticket()));
    assert_eq!(keys().verify(&rotated.sign(&ticket())), None);
}

#[test]
fn a_code_with_another_key_s_mark_is_refused() {
    let code = keys().sign(&ticket());
    let rotated = TicketKeys::parse(&format!("{OLD},{NEW}")).unwrap();
    let other = TicketKeys::parse(NEW).unwrap().first().mark();
    let mut bytes = base45::decode(&code[PREFIX.len()..]).unwrap();
    assert_ne!(bytes[0], other);
    bytes[0] = other;

    assert_eq!(rotated.verify(&format!("{PREFIX}{}", base45::encode(bytes))), None);
}

#[test]
fn a_number_that_is_never_issued_is_refused_although_it_is_signed() {
    let schedule_id = *ticket().schedule_id.0.as_bytes();
    let of_number = |number: u64| {
        let number = &number.to_be_bytes()[1..];
        signed_bytes(&[&[keys().first().mark()], number, &schedule_id].concat())
    };

    assert_eq!(keys().verify(&of_number(1 << 49)), Some(signed(&ticket())));
    // Its check digit would be `*`; it has more than 50 bits; it has all.
    for number in [32, 1 << 50, (1 << 56) - 1] {
        assert_eq!(keys().verify(&of_number(number)), None, "{number}");
    }
}

#[test]
fn a_text_of_another_form_is_refused() {
    let code = keys().sign(&ticket());
    let shorter = signed_bytes(&[keys().first().mark(); SIGNED_BYTES - 2]);
    for text in [
        String::new(),
        "SD1".to_owned(),
        code[..code.len() - 1].to_owned(),
        code[..code.len() - 3].to_owned(),
        format!("{code} "),
        format!("{code}000"),
        format!(" {code}"),
        code.to_lowercase(),
        code.replacen("SD1", "SD2", 1),
        code.replacen("SD1", "", 1),
        "\u{e9}".repeat(LETTERS / 2) + "A",
        "A".repeat(1_000_000),
        shorter,
    ] {
        assert_eq!(keys().verify(&text), None);
    }
}

#[test]
fn each_byte_that_is_changed_in_any_way_makes_a_code_refused() {
    let keys = keys();
    let code = keys.sign(&ticket());
    let bytes = base45::decode(&code[PREFIX.len()..]).unwrap();
    for at in 0..bytes.len() {
        for by in 1..=u8::MAX {
            let mut changed = bytes.clone();
            changed[at] ^= by;
            let changed = format!("{PREFIX}{}", base45::encode(changed));
            assert_eq!(keys.verify(&changed), None, "byte {at} by {by}");
        }
    }
}

proptest! {
    #[test]
    fn the_code_of_every_ticket_is_verified(bits: u64, schedule: u128) {
        let Some(number) = TicketNumber::of_bits(bits) else { return Ok(()) };
        let ticket = Ticket { number, schedule_id: ScheduleId(Uuid::from_u128(schedule)), ..ticket() };

        prop_assert_eq!(keys().verify(&keys().sign(&ticket)), Some(signed(&ticket)));
    }

    #[test]
    fn a_letter_that_is_changed_makes_a_code_refused(at in 0..LETTERS, letter in "[ -~]") {
        let mut code = keys().sign(&ticket());
        prop_assume!(code[at..=at] != letter);
        code.replace_range(at..=at, &letter);

        prop_assert_eq!(keys().verify(&code), None);
    }

    #[test]
    fn any_text_is_refused_without_a_panic(text in ".{0,200}", letters in "SD1[0-9A-Z $%*+./:-]{132}") {
        prop_assert_eq!(keys().verify(&text), None);
        prop_assert_eq!(keys().verify(&letters), None);
    }
}
