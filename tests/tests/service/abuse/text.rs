//! Text that is not what it looks like, or too long.

use reqwest::Method;
use serde_json::{Value, json};
use stagedoor_domain::Role;
use stagedoor_tests::service::{Answer, Person, Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    hostile_text_is_refused_by_its_field_or_comes_back_as_it_was_sent,
    text_is_rid_of_what_hides_or_turns_it_round,
    text_without_a_visible_character_is_empty,
    an_address_with_hidden_characters_is_the_one_that_it_looks_like,
    an_address_is_one_in_every_normal_form_and_in_the_ascii_form_of_its_host,
    a_password_is_taken_whatever_its_characters_and_in_whichever_normal_form,
    a_password_that_is_guessed_first_is_refused,
    half_characters_of_a_pair_are_refused,
    text_that_is_too_long_is_refused_by_its_field,
    hostile_text_in_paths_and_queries_is_refused,
);

/// Text that is kept as it is, if it is kept.
fn hostile() -> Vec<String> {
    let flood = format!("a{}", "\u{301}".repeat(99));
    let kept = [
        "'; DROP TABLE users; --",
        "\" OR \"\"=\"",
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "javascript:alert(1)",
        "{{7*7}}${7*7}<%= 7*7 %>",
        "%s%n%x%00%0d%0a",
        "\\u0000\\n\\",
        "../../../etc/passwd",
        "=cmd|' /C calc'!A0",
        "NULL",
        "undefined",
        "𝔉𝔞𝔫 🎫 \u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}",
        "\u{e000}\u{f8ff}\u{10fffd}",
        "\u{ffff}\u{fffe}\u{1fffe}",
        "\u{fffd}",
        "İıßſŉ\u{212a}",
        "김팬 金 Ким كيم",
        "\u{1112}\u{1161}\u{11ab}",
    ];
    kept.into_iter().map(str::to_owned).chain([flood]).collect()
}

/// Text with control characters.
const CONTROLS: [&str; 8] =
    ["a\0b", "\0", "a\u{1b}[31mb", "a\u{7}b", "a\u{8}b", "a\u{7f}b", "a\u{85}b", "a\u{9b}31mb"];

fn assert_refused(refused: &Answer, field: &str) {
    assert_eq!(refused.refusal(), (400, "VALIDATION"), "{refused:?}");
    let named = refused.body["errors"][0]["field"].as_str().unwrap();
    assert!(named.ends_with(field), "{field}: {refused:?}");
}

async fn sign_up(service: &Service, name: &str, email: &str) -> Answer {
    let body = json!({"name": name, "email": email, "password": "stagedoor"});
    service.anyone().post("/api/v1/users", body).await
}

/// Makes a concert with one date.
async fn announce(
    organizer: &Person<'_>,
    title: &str,
    description: &str,
    mut date: Value,
    label: &str,
) -> Answer {
    date["seatMap"]["label"] = json!(label);
    let body = json!({"title": title, "description": description, "schedules": [date]});
    organizer.post("/api/v1/concerts", body).await
}

async fn hostile_text_is_refused_by_its_field_or_comes_back_as_it_was_sent(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let organizer = service.new_user_as(Role::Organizer).await;
    let operator = service.new_user_as(Role::Operator).await;
    let room = sale.room();
    for (i, text) in hostile().into_iter().enumerate() {
        let made = sign_up(&service, &text, &format!("{i}@example.com")).await;
        assert_eq!((made.status.as_u16(), made.text_at("name")), (201, text.clone()));

        let label: String = text.chars().take(40).collect();
        let made = announce(&organizer, &text, &text, service.a_schedule(1), &label).await;
        let path = format!("/api/v1/concerts/{}", made.text_at("id"));
        let read = organizer.get(&path).await;
        assert_eq!(
            (read.text_at("title"), read.text_at("description")),
            (text.clone(), text.clone())
        );
        let schedule = made.body["schedules"][0]["id"].as_str().unwrap();
        let seats = operator.get(&format!("/api/v1/schedules/{schedule}/seats")).await;
        assert_eq!(seats.body[0]["label"], json!(label));

        let told = operator.patch(&room, json!({"message": text})).await;
        assert_eq!(told.text_at("message"), text);
    }
    for (i, text) in CONTROLS.into_iter().enumerate() {
        let date = || service.a_schedule(1);
        assert_refused(&sign_up(&service, text, &format!("c{i}@example.com")).await, "name");
        assert_refused(&sign_up(&service, "Fan", &format!("{text}@example.com")).await, "email");
        assert_refused(&announce(&organizer, text, "", date(), "").await, "title");
        assert_refused(&announce(&organizer, "Title", text, date(), "").await, "description");
        assert_refused(&announce(&organizer, "Title", "", date(), text).await, "label");
        assert_refused(&operator.patch(&room, json!({"message": text})).await, "message");
    }
}

async fn text_is_rid_of_what_hides_or_turns_it_round(kind: StoreKind) {
    let service = Service::start(kind).await;
    let organizer = service.new_user_as(Role::Organizer).await;
    for (i, (sent, kept)) in [
        ("\u{202e}nimda\u{202c}", "nimda"),
        ("\u{2067}a\u{2069}b\u{2066}", "ab"),
        ("a\u{200b}b\u{2060}c\u{feff}", "abc"),
        ("\u{feff} Fan \u{200b}", "Fan"),
        ("a\u{2028}b\u{2029}c", "abc"),
    ]
    .into_iter()
    .enumerate()
    {
        let made = sign_up(&service, sent, &format!("{i}@example.com")).await;
        assert_eq!(made.text_at("name"), kept, "{sent:?}");
        let made = organizer.post("/api/v1/concerts", json!({"title": sent})).await;
        assert_eq!(made.text_at("title"), kept, "{sent:?}");
    }
}

async fn text_without_a_visible_character_is_empty(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let organizer = service.new_user_as(Role::Organizer).await;
    let operator = service.new_user_as(Role::Operator).await;
    let room = sale.room();
    for nothing in [
        "\u{200b}",
        "\u{202e}\u{feff} \u{2060}",
        "\u{3000}",
        "\u{a0}",
        "\u{3164}",
        "\u{115f}\u{1160}",
        "\u{2800} \u{2800}",
        "\u{200d}\u{fe0f}",
        "\u{ad}",
        "\u{e0061}\u{e007f}",
    ] {
        assert_refused(&sign_up(&service, nothing, "unknown@example.com").await, "name");
        let refused = announce(&organizer, nothing, "", service.a_schedule(1), "").await;
        assert_refused(&refused, "title");
        let made = announce(&organizer, "Title", nothing, service.a_schedule(1), nothing).await;
        assert_eq!(made.text_at("description"), "", "{nothing:?}");
        let told = operator.patch(&room, json!({"message": nothing})).await;
        assert_eq!(told.text_at("message"), "", "{nothing:?}");
    }
}

async fn an_address_with_hidden_characters_is_the_one_that_it_looks_like(kind: StoreKind) {
    let service = Service::start(kind).await;
    assert_eq!(sign_up(&service, "Fan", "fan@example.com").await.status, 201);
    for alike in [
        "FAN@example.com",
        "fan\u{200b}@example.com",
        "\u{feff}fan@example.com",
        "fan@ex\u{2060}ample.com",
        "\u{202e}fan@example.com",
        " fan@example.com ",
    ] {
        assert_eq!(sign_up(&service, "Fan", alike).await.code(), "EMAIL_TAKEN", "{alike:?}");
    }
    for alike in INVISIBLE.map(|c| format!("f{c}an@exam{c}ple.com")) {
        assert_eq!(sign_up(&service, "Fan", &alike).await.code(), "EMAIL_TAKEN", "{alike:?}");
    }
    // An address in other letters is another one, however it looks: accounts say what they are.
    let cyrillic = sign_up(&service, "Fan", "f\u{430}n@example.com").await;
    assert_eq!(cyrillic.text_at("email"), "f\u{430}n@example.com");
}

/// Characters that show nothing in an address.
const INVISIBLE: [char; 14] = [
    '\u{ad}',
    '\u{200b}',
    '\u{200c}',
    '\u{200d}',
    '\u{200e}',
    '\u{200f}',
    '\u{61c}',
    '\u{34f}',
    '\u{2062}',
    '\u{2066}',
    '\u{3164}',
    '\u{fe0f}',
    '\u{e0061}',
    '\u{e007f}',
];

async fn an_address_is_one_in_every_normal_form_and_in_the_ascii_form_of_its_host(kind: StoreKind) {
    let service = Service::start(kind).await;
    let spellings = ["a@m\u{fc}ller.de", "a@mu\u{308}ller.de", "a@xn--mller-kva.de"];
    let made = sign_up(&service, "Fan", spellings[1]).await;
    assert_eq!((made.status.as_u16(), made.text_at("email")), (201, spellings[2].to_owned()));
    let operator = service.new_user_as(Role::Operator).await;
    for spelling in spellings {
        assert_eq!(sign_up(&service, "Fan", spelling).await.code(), "EMAIL_TAKEN", "{spelling:?}");
        let session = json!({"email": spelling, "password": "stagedoor"});
        assert_eq!(service.anyone().post("/api/v1/sessions", session).await.status, 200);
        let mut path = reqwest::Url::parse("http://x/api/v1/users").unwrap();
        path.query_pairs_mut().append_pair("email", spelling);
        let found = operator.get(&format!("/api/v1/users?{}", path.query().unwrap())).await;
        assert_eq!(found.text_at("id"), made.text_at("id"), "{spelling:?}");
    }
}

async fn a_password_is_taken_whatever_its_characters_and_in_whichever_normal_form(kind: StoreKind) {
    let service = Service::start(kind).await;
    for (i, password) in [
        "\0\u{1}\0\0\u{7}\0\0\0",
        "\u{202e}\u{200b}\u{feff}\u{1b}[31m",
        "𝔭𝔞𝔰𝔰𝔴𝔬𝔯𝔡",
        "mot de\u{a0}passe",
        "e\u{301}te\u{301} 2026",
        &"aé한\u{1f3ab}ö".repeat(51),
    ]
    .into_iter()
    .enumerate()
    {
        let email = format!("{i}@example.com");
        let person = json!({"name": "Fan", "email": email, "password": password});
        assert_eq!(service.anyone().post("/api/v1/users", person).await.status, 201);
        let log_in = async |password: &str| {
            let session = json!({"email": email, "password": password});
            service.anyone().post("/api/v1/sessions", session).await.status
        };
        assert_eq!(log_in(password).await, 200, "{password:?}");
        let composed = password.replace("e\u{301}", "é").replace('\u{a0}', " ");
        assert_eq!(log_in(&composed).await, 200, "{password:?}");
        let decomposed =
            composed.replace('é', "e\u{301}").replace('한', "\u{1112}\u{1161}\u{11ab}");
        assert_eq!(log_in(&decomposed).await, 200, "{password:?}");
        assert_eq!(log_in(&format!("{password}\0")).await, 401, "{password:?}");
    }
}

async fn a_password_that_is_guessed_first_is_refused(kind: StoreKind) {
    let service = Service::start(kind).await;
    for password in ["password", "12345678", "        ", "Trustno1", "aaaaaaaa", "hgfedcba"] {
        let person = json!({"name": "Fan", "email": "fan@example.com", "password": password});
        assert_refused(&service.anyone().post("/api/v1/users", person).await, "password");
    }
}

async fn half_characters_of_a_pair_are_refused(kind: StoreKind) {
    let service = Service::start(kind).await;
    for half in [r"\ud800", r"\udc00", r"a\ud83cb", r"\ud83c\ud83c", r"\uDFFF\uD800", r"\u12"] {
        let body = format!(
            "{{\"name\":\"{half}\",\"email\":\"fan@example.com\",\"password\":\"stagedoor\"}}"
        );
        let request = service.request(Method::POST, "/api/v1/users");
        let request = request.header("content-type", "application/json").body(body);
        let refused = service.anyone().send(request).await;
        assert_eq!(refused.refusal(), (400, "VALIDATION"), "{half}");
    }
}

async fn text_that_is_too_long_is_refused_by_its_field(kind: StoreKind) {
    let (service, sale) = Service::start_selling(kind).await;
    let organizer = service.new_user_as(Role::Organizer).await;
    let operator = service.new_user_as(Role::Operator).await;
    let holder = service.holder(&sale).await;
    let room = sale.room();
    let holder_id = holder.get("/api/v1/users/me").await.text_at("id");
    for (letter, times) in [("x", 0), ("가", 0), ("\u{1F3AB}", 0), ("x", 50_000)] {
        let long = |bound: usize| letter.repeat(if times == 0 { bound + 1 } else { times });
        let date = || service.a_schedule(1);
        assert_refused(&sign_up(&service, &long(100), "fan@example.com").await, "name");
        let email = format!("{}@example.com", long(64));
        assert_refused(&sign_up(&service, "Fan", &email).await, "email");
        assert_refused(&announce(&organizer, &long(200), "", date(), "").await, "title");
        if times == 0 {
            assert_refused(
                &announce(&organizer, "T", &long(2_000), date(), "").await,
                "description",
            );
        }
        assert_refused(&announce(&organizer, "T", "", date(), &long(40)).await, "label");
        assert_refused(&operator.patch(&room, json!({"message": long(300)})).await, "message");
        let person = json!({"name": "Fan", "email": "fan@example.com", "password": long(256)});
        assert_refused(&service.anyone().post("/api/v1/users", person).await, "password");
        let ticket = json!({"userId": holder_id, "ticketId": long(100)});
        let seat = format!(
            "/concerts/{}/schedules/{}/seats/{holder_id}/ticket",
            sale.concert_id, sale.schedule_id
        );
        assert_eq!(holder.post(&seat, ticket).await.status, 400);
    }
    let charge = json!({"amount": 1});
    let key = holder.post_once("/api/v1/points/charges", &"k".repeat(256), charge).await;
    assert_refused(&key, "Idempotency-Key");
}

async fn hostile_text_in_paths_and_queries_is_refused(kind: StoreKind) {
    let service = Service::start(kind).await;
    let operator = service.new_user_as(Role::Operator).await;
    for text in [
        "%00",
        "%27%20OR%201%3D1--",
        "%F0%9F%8E%AB",
        "%E2%80%AE",
        "%FF%FE",
        "%ED%A0%80",
        "%2e%2e",
        "-1",
        "1e9",
        "null",
        "00000000-0000-0000-0000-00000000000g",
        "%7B%7D",
        &"x".repeat(4_000),
    ] {
        for path in [
            format!("/api/v1/concerts/{text}"),
            format!("/api/v1/rooms/{text}"),
            format!("/api/v1/payments/{text}"),
            format!("/api/v1/reservations/{text}"),
            format!("/api/v1/concerts?cursor={text}"),
            format!("/api/v1/concerts?limit={text}"),
            format!("/api/v1/concerts?{text}=1"),
            format!("/api/v1/reservations?status={text}"),
            format!("/api/v1/reservations?userId={text}"),
            format!("/api/v1/users?email={text}"),
        ] {
            let refused = operator.get(&path).await;
            assert!([400, 404].contains(&refused.status.as_u16()), "{path}: {refused:?}");
            assert!(
                ["VALIDATION", "BAD_REQUEST", "ROUTE_NOT_FOUND"].contains(&refused.code()),
                "{path}: {refused:?}"
            );
        }
    }
}
