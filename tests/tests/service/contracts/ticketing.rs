//! The `ticketing` contract.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use reqwest::header::AUTHORIZATION;
use serde_json::{Value, json};
use stagedoor::settings::AuthMode;
use stagedoor_tests::service::{Answer, OnSale, Person, Service, StoreKind};

use super::{NO_ID, date_of, open, open_without_janitor, told, user_id};
use crate::on_both_stores;

on_both_stores!(
    ticketing_goes_from_the_queue_to_the_ticket,
    ticketing_enters_a_line_for_a_user_or_a_guest,
    ticketing_refuses_to_enter_in_one_way,
    ticketing_lets_five_hundred_guests_enter_at_once,
    a_guest_cannot_log_in,
    ticketing_shows_dates_and_seats_to_who_was_let_in,
    ticketing_holds_a_seat_once,
    ticketing_charges_numbers_and_numeric_texts,
    ticketing_refuses_to_pay_what_is_not_held,
    ticketing_counts_a_request_refused_for_waiting_as_a_heartbeat,
    ticketing_takes_the_idempotency_key_on_every_write,
    ticketing_tells_all_seats_of_a_ticket_that_has_several,
    ticketing_pays_no_hold_that_was_released,
    ticketing_says_that_a_hold_expired_which_ended_with_its_token,
    ticketing_pays_each_hold_of_a_token_once,
);

fn error(status: u16, text: &str) -> (u16, Value) {
    (status, json!({"error": text}))
}

fn no_service() -> (u16, Value) {
    error(401, "해당 서비스를 이용하실 수 없습니다.")
}

fn no_concert() -> (u16, Value) {
    error(404, "해당 콘서트 정보를 찾을 수 없습니다.")
}

fn no_ticket() -> (u16, Value) {
    error(401, "해당 티켓 정보를 찾을 수 없습니다.")
}

fn no_user() -> (u16, Value) {
    error(401, "해당 유저 정보를 찾을 수 없습니다.")
}

/// A fan who has been let in to a concert's line.
struct Entered<'s> {
    service: &'s Service,
    sale: OnSale,
    user_id: String,
    fan: Person<'s>,
}

impl<'s> Entered<'s> {
    async fn new(service: &'s Service) -> Self {
        let sale = service.on_sale(1, json!({})).await;
        let user_id = user_id(service).await;
        let fan = enter(service, &user_id, &sale.concert_id).await;
        Self { service, sale, user_id, fan }
    }

    async fn seats(&self) -> Vec<Value> {
        let date = date_of(self.service, &self.sale.concert_id).await;
        let path = format!("/concerts/{}/dates/{date}/seats", self.sale.concert_id);
        self.fan.get(&path).await.body["availableSeats"].as_array().unwrap().clone()
    }

    fn ticket_path(&self, seat: &Value) -> String {
        let OnSale { concert_id, schedule_id, .. } = &self.sale;
        let seat_id = seat["seatId"].as_str().unwrap();
        format!("/concerts/{concert_id}/schedules/{schedule_id}/seats/{seat_id}/ticket")
    }

    async fn hold(&self, seat: &Value, ticket_id: Value) -> Answer {
        let body = json!({"ticketId": ticket_id, "userId": self.user_id});
        self.fan.post(&self.ticket_path(seat), body).await
    }

    async fn pay(&self, ticket_id: Value) -> (u16, Value) {
        let body = json!({"ticketId": ticket_id, "userId": self.user_id});
        told(&self.fan.post("/payments/pays", body).await, &[])
    }

    async fn charge(&self, amount: Value) -> (u16, Value) {
        let body = json!({"userId": self.user_id, "amount": amount});
        told(&self.fan.patch("/payments/charges", body).await, &[])
    }
}

async fn enter<'s>(service: &'s Service, user_id: &str, concert_id: &str) -> Person<'s> {
    let body = json!({"userId": user_id, "concertId": concert_id});
    let entered = service.anyone().post("/queues", body).await;
    service.with_token(&entered.text_at("userToken"))
}

async fn ticketing_goes_from_the_queue_to_the_ticket(kind: StoreKind) {
    let service = open(kind).await;
    let scene = Entered::new(&service).await;
    let names = [(scene.user_id.as_str(), "user"), (&scene.sale.schedule_id, "schedule")];
    let concert = format!("/concerts/{}", scene.sale.concert_id);
    let date = date_of(&service, &scene.sale.concert_id).await;

    let dates = scene.fan.get(&format!("{concert}/dates")).await;
    assert_eq!(told(&dates, &names), (200, json!({"availableDates": [date]})));

    let seats = scene.fan.get(&format!("{concert}/dates/{date}/seats")).await;
    let expected: Vec<_> = (1..=10)
        .map(|number| {
            json!({"seatId": "<id>", "seatNum": number, "scheduleId": "<schedule>", "price": 10_000})
        })
        .collect();
    assert_eq!(told(&seats, &names), (200, json!({"availableSeats": expected})));

    let held = scene.hold(&scene.seats().await[0], json!("ticketId1")).await;
    let expected = json!({
        "ticketId": "ticketId1", "userId": "<user>", "concertDate": date, "concertSeat": 1,
        "seatStatus": "temp",
    });
    assert_eq!(told(&held, &names), (200, expected));
    assert_eq!(scene.seats().await.len(), 9);

    assert_eq!(
        scene.charge(json!("50000")).await,
        (
            200,
            json!({
                "userName": "Fan", "amount": 50_000, "point": 50_000, "accountStat": "충전완료",
                "regDate": "<ms>",
            })
        )
    );
    let paid = json!({
        "ticketId": "ticketId1", "userName": "Fan", "concertTitle": "콘서트",
        "concertDate": date, "concertSeat": 1, "stat": "booked", "tokenStat": "expire",
    });
    assert_eq!(scene.pay(json!("ticketId1")).await, (200, paid));

    let account = scene.fan.get(&format!("/payments/{}/accounts", scene.user_id)).await;
    let history = |kind, amount, point| json!({"historyId": "<id>", "kind": kind, "amount": amount, "point": point, "regDate": "<ms>"});
    let histories = [history("USE", 10_000, 40_000), history("CHARGE", 50_000, 50_000)];
    let expected = json!({"userName": "Fan", "point": 40_000, "histories": histories});
    assert_eq!(told(&account, &names), (200, expected));
    assert_eq!(told(&scene.fan.get(&format!("{concert}/dates")).await, &[]), no_service());
    assert_eq!(service.audit().await, []);
}

async fn ticketing_enters_a_line_for_a_user_or_a_guest(kind: StoreKind) {
    let service = open(kind).await;
    let sale = service.on_sale(1, json!({"capacity": 1})).await;
    let (first, second) = (user_id(&service).await, user_id(&service).await);
    let entered = |status: &str, waiting: u8| {
        let message = format!("현재 대기열은 {waiting}명입니다.");
        let token = json!({"userToken": "<jwt>", "tokenStatus": status, "message": message,
            "userId": "<id>"});
        (200, token)
    };
    let anyone = service.anyone();

    let guest = anyone.send(service.request(Method::POST, "/queues")).await;
    assert_eq!(told(&guest, &[]), entered("service", 0));
    for (user_id, status, waiting) in [(&first, "service", 0), (&second, "wait", 1)] {
        let body = json!({"userId": user_id, "concertId": sale.concert_id, "extra": true});
        for _ in 0..2 {
            let answer = anyone.post("/queues", body.clone()).await;
            service.refresh().await;
            assert_eq!(told(&answer, &[]), entered(status, waiting));
        }
    }

    let guest_id = guest.text_at("userId");
    let guest = service.with_token(&guest.text_at("userToken"));
    let account = guest.get(&format!("/payments/{guest_id}/accounts")).await;
    let expected = json!({"userName": "Guest", "point": 0, "histories": []});
    assert_eq!(told(&account, &[]), (200, expected));
    let dates = guest.get(&format!("/concerts/{}/dates", sale.concert_id)).await;
    assert_eq!(told(&dates, &[]), no_service(), "a user waits there");
    let other = service.on_sale(1, json!({})).await;
    let dates = guest.get(&format!("/concerts/{}/dates", other.concert_id)).await;
    assert_eq!(dates.status, 200, "a site-wide token admits to every concert without a line");
}

async fn ticketing_lets_five_hundred_guests_enter_at_once(kind: StoreKind) {
    let service = open_for_many(kind).await;
    let sale = service.on_sale(1, json!({})).await;
    let anyone = service.anyone();
    let enter = || anyone.post("/queues", json!({"concertId": sale.concert_id}));

    let answers = join_all((0..500).map(|_| enter())).await;

    let refused: Vec<_> = answers.iter().filter(|answer| answer.status != 200).collect();
    assert!(refused.is_empty(), "{} refused: {:?}", refused.len(), refused.first());
}

/// A service that sheds no load.
async fn open_for_many(kind: StoreKind) -> Service {
    Service::start_with(kind, |settings| {
        settings.auth_mode = AuthMode::Open;
        settings.limits.requests_max = 10_000;
        settings.work.queue_wait_milliseconds = 60_000;
    })
    .await
}

async fn a_guest_cannot_log_in(kind: StoreKind) {
    let service = open(kind).await;
    let sale = service.on_sale(1, json!({})).await;
    let anyone = service.anyone();
    let guest = anyone.post("/queues", json!({"concertId": sale.concert_id})).await;
    let email = format!("{}@guest.invalid", guest.text_at("userId"));

    for password in ["", " ", "stagedoor"] {
        let body = json!({"email": email, "password": password});
        let refused = anyone.post("/api/v1/sessions", body).await;
        assert_eq!(refused.refusal(), (401, "UNAUTHENTICATED"));
    }
}

async fn ticketing_refuses_to_enter_in_one_way(kind: StoreKind) {
    let service = open(kind).await;
    let (one, other) = (service.new_user().await, user_id(&service).await);
    let refused = error(400, "대기열에 진입할 수 없습니다.");
    for body in [
        json!({"userId": NO_ID}),
        json!({"userId": "userId1"}),
        json!({"userId": 1}),
        json!({"concertId": NO_ID}),
        json!({"concertId": "concertId1"}),
        json!([]),
    ] {
        let answer = service.anyone().post("/queues", body.clone()).await;
        assert_eq!(told(&answer, &[]), refused, "{body}");
    }
    let as_another = one.post("/queues", json!({"userId": other})).await;
    assert_eq!(told(&as_another, &[]), refused);
}

async fn ticketing_shows_dates_and_seats_to_who_was_let_in(kind: StoreKind) {
    let service = open(kind).await;
    let sale = service.on_sale(1, json!({"capacity": 1})).await;
    let date = date_of(&service, &sale.concert_id).await;
    let active = enter(&service, &user_id(&service).await, &sale.concert_id).await;
    let waiting = enter(&service, &user_id(&service).await, &sale.concert_id).await;
    let elsewhere = service.on_sale(1, json!({})).await.concert_id;
    let of_elsewhere = enter(&service, &user_id(&service).await, &elsewhere).await;
    let dates = format!("/concerts/{}/dates", sale.concert_id);
    let seats = format!("{dates}/{date}/seats");

    for path in [&dates, &seats] {
        for refused in [&waiting, &of_elsewhere, &service.anyone(), &service.with_token("a.b.c")] {
            assert_eq!(told(&refused.get(path).await, &[]), no_service(), "{path}");
        }
        let bare = service.request(Method::GET, path);
        let bare = bare.header(AUTHORIZATION, active.token.clone().unwrap());
        assert_eq!(active.send(bare).await.status, 200, "a token without the word Bearer");
    }
    for path in [
        format!("/concerts/{NO_ID}/dates"),
        "/concerts/concertId1/dates".to_owned(),
        format!("/concerts/{NO_ID}/dates/{date}/seats"),
        format!("{dates}/1999-12-31/seats"),
        format!("{dates}/tomorrow/seats"),
    ] {
        assert_eq!(told(&active.get(&path).await, &[]), no_concert(), "{path}");
    }
    service.clock.pass(Duration::from_secs(600));
    assert_eq!(told(&active.get(&dates).await, &[]), no_service(), "its time is up");
}

async fn ticketing_holds_a_seat_once(kind: StoreKind) {
    let service = open(kind).await;
    let scene = Entered::new(&service).await;
    let seats = scene.seats().await;
    let rival_id = user_id(&service).await;
    let rival = enter(&service, &rival_id, &scene.sale.concert_id).await;

    let named = scene.hold(&seats[0], json!(7)).await;
    assert_eq!(named.text_at("ticketId"), "7", "a number is a reference too");
    let unnamed = scene.hold(&seats[1], Value::Null).await;
    assert!(unnamed.text_at("ticketId").parse::<stagedoor_domain::ReservationId>().is_ok());

    let taken = rival.post(&scene.ticket_path(&seats[0]), json!({"userId": rival_id})).await;
    assert_eq!(told(&taken, &[]), error(409, "이미 선점된 좌석입니다."));
    let as_another =
        rival.post(&scene.ticket_path(&seats[2]), json!({"userId": scene.user_id})).await;
    assert_eq!(told(&as_another, &[]), no_service());
    let body = json!({"userId": scene.user_id});
    let path = scene.ticket_path(&seats[2]);
    assert_eq!(told(&service.anyone().post(&path, body.clone()).await, &[]), no_service());
    let elsewhere = service.on_sale(1, json!({})).await.concert_id;
    for (right, wrong) in [
        (seats[2]["seatId"].as_str().unwrap(), NO_ID),
        (seats[2]["seatId"].as_str().unwrap(), "seatId1"),
        (&scene.sale.schedule_id, NO_ID),
        (&scene.sale.concert_id, NO_ID),
        (&scene.sale.concert_id, &elsewhere),
    ] {
        let path = path.replace(right, wrong);
        assert_eq!(told(&scene.fan.post(&path, body.clone()).await, &[]), no_concert(), "{path}");
    }
    let nameless = scene.hold(&seats[2], json!("")).await;
    assert_eq!(nameless.status, 400);
    assert!(nameless.text_at("error").contains("ticketId"), "{nameless:?}");
    assert_eq!(scene.seats().await.len(), 8);
}

async fn ticketing_charges_numbers_and_numeric_texts(kind: StoreKind) {
    let service = open(kind).await;
    let scene = Entered::new(&service).await;
    let other = user_id(&service).await;

    for (amount, balance) in [(json!(1), 1), (json!("2"), 3)] {
        assert_eq!(scene.charge(amount).await.1["point"], balance);
    }
    let refused = error(404, "충전할 수 없는 금액입니다.");
    for amount in
        [json!(0), json!(-1), json!("0"), json!("abc"), json!(1.5), json!(null), json!(i64::MAX)]
    {
        assert_eq!(scene.charge(amount.clone()).await, refused, "{amount}");
    }
    let body = json!({"userId": other, "amount": 1});
    assert_eq!(told(&scene.fan.patch("/payments/charges", body.clone()).await, &[]), no_user());
    assert_eq!(told(&service.anyone().patch("/payments/charges", body).await, &[]), no_user());
    for path in [format!("/payments/{other}/accounts"), "/payments/userId1/accounts".to_owned()] {
        assert_eq!(told(&scene.fan.get(&path).await, &[]), no_user());
    }
    let own = format!("/payments/{}/accounts", scene.user_id);
    assert_eq!(told(&service.anyone().get(&own).await, &[]), no_user());
    assert_eq!(scene.fan.get(&own).await.number_at("point"), 3);
}

async fn ticketing_refuses_to_pay_what_is_not_held(kind: StoreKind) {
    let service = open(kind).await;
    let scene = Entered::new(&service).await;
    let rival = Entered { user_id: user_id(&service).await, ..Entered::new(&service).await };
    let seats = scene.seats().await;
    let id = scene.hold(&seats[0], Value::Null).await.text_at("ticketId");

    assert_eq!(
        scene.pay(json!(id)).await,
        error(400, "잔액이 부족합니다. 충전 후 다시 시도해 주세요.")
    );
    for unknown in [json!("ticketId1"), json!(NO_ID), json!(1)] {
        assert_eq!(scene.pay(unknown.clone()).await, no_ticket(), "{unknown}");
    }
    assert_eq!(rival.pay(json!(id)).await, no_ticket(), "another's ticket");
    let stranger = json!({"ticketId": id, "userId": scene.user_id});
    assert_eq!(told(&service.anyone().post("/payments/pays", stranger).await, &[]), no_ticket());
    scene.charge(json!(10_000)).await;
    service.clock.pass(Duration::from_secs(300));
    assert_eq!(scene.pay(json!(id)).await, error(404, "임시 점유 시간이 만료되었습니다."));

    let again = scene.hold(&seats[0], json!("second")).await;
    assert_eq!(again.status, 200, "the seat is free again: {again:?}");
    assert_eq!(scene.pay(json!("second")).await.0, 200);
    assert_eq!(service.audit().await, []);
}

async fn ticketing_counts_a_request_refused_for_waiting_as_a_heartbeat(kind: StoreKind) {
    let service = open_without_janitor(kind).await;
    let sale = service.on_sale(1, json!({"capacity": 0, "idleSeconds": 60})).await;
    let waiting = enter(&service, &user_id(&service).await, &sale.concert_id).await;
    service.refresh().await;
    for _ in 0..4 {
        service.clock.pass(Duration::from_secs(40));
        let dates = waiting.get(&format!("/concerts/{}/dates", sale.concert_id)).await;
        assert_eq!(told(&dates, &[]), no_service());
        service.running.scheduler().flush().await.unwrap();
        service.refresh().await;
    }
    let place = waiting.poll().await;
    assert_eq!(place.text_at("status"), "WAITING", "{place:?}");
}

async fn ticketing_takes_the_idempotency_key_on_every_write(kind: StoreKind) {
    let service = open(kind).await;
    let scene = Entered::new(&service).await;
    let seats = scene.seats().await;
    let (post, patch) = (Method::POST, Method::PATCH);
    let user_id = &scene.user_id;
    let hold = json!({"ticketId": "ticketId1", "userId": user_id});
    let entry = json!({"userId": user_id, "concertId": scene.sale.concert_id});
    for (method, path, body) in [
        (&post, "/queues", entry),
        (&patch, "/payments/charges", json!({"userId": user_id, "amount": "10000"})),
        (&post, scene.ticket_path(&seats[0]).as_str(), hold.clone()),
        (&post, "/payments/pays", hold),
    ] {
        let mut answers = Vec::new();
        for _ in 0..2 {
            let request = scene.fan.request(method.clone(), path);
            let request = request.header("Idempotency-Key", path).json(&body);
            answers.push(told(&scene.fan.send(request).await, &[]));
        }
        assert_eq!(answers[0].0, 200, "{path} {answers:?}");
        assert_eq!(answers[0], answers[1], "{path}");
    }
    let account = scene.fan.get(&format!("/payments/{user_id}/accounts")).await;
    assert_eq!(account.body["histories"].as_array().unwrap().len(), 2);
    let reused = scene.fan.request(Method::PATCH, "/payments/charges");
    let reused = reused.header("Idempotency-Key", "/payments/charges");
    let reused = reused.json(&json!({"userId": user_id, "amount": 1}));
    assert_eq!(
        told(&scene.fan.send(reused).await, &[]),
        error(422, "다른 요청에 이미 사용된 Idempotency-Key입니다.")
    );
}

async fn ticketing_tells_all_seats_of_a_ticket_that_has_several(kind: StoreKind) {
    let service = open(kind).await;
    let scene = Entered::new(&service).await;
    scene.charge(json!(30_000)).await;
    let body = json!({"scheduleId": scene.sale.schedule_id, "seatNumbers": [2, 3, 4]});
    let held = scene.fan.post("/api/v1/reservations", body).await;
    let (status, ticket) = scene.pay(json!(held.text_at("id"))).await;
    assert_eq!(status, 200, "{ticket}");
    assert_eq!((&ticket["concertSeat"], &ticket["concertSeats"]), (&json!(2), &json!([2, 3, 4])));
}

async fn ticketing_pays_no_hold_that_was_released(kind: StoreKind) {
    let service = open(kind).await;
    let scene = Entered::new(&service).await;
    scene.charge(json!(10_000)).await;
    let seats = scene.seats().await;
    scene.hold(&seats[0], json!("ticketId1")).await;
    let held = scene.fan.get("/api/v1/reservations").await;
    let id = held.body["items"][0]["id"].as_str().unwrap();
    scene.fan.delete(&format!("/api/v1/reservations/{id}")).await;
    for name in ["ticketId1", id] {
        assert_eq!(scene.pay(json!(name)).await, no_ticket(), "{name}");
    }
}

async fn ticketing_says_that_a_hold_expired_which_ended_with_its_token(kind: StoreKind) {
    let service = open_without_janitor(kind).await;
    let scene = Entered::new(&service).await;
    scene.charge(json!(10_000)).await;
    let seats = scene.seats().await;
    service.clock.pass(Duration::from_secs(450));
    scene.hold(&seats[0], json!("ticketId1")).await;
    service.clock.pass(Duration::from_secs(301));
    let over = error(404, "임시 점유 시간이 만료되었습니다.");
    assert_eq!(scene.pay(json!("ticketId1")).await, over, "no grace here");
    assert_eq!(service.audit().await, []);
}

async fn ticketing_pays_each_hold_of_a_token_once(kind: StoreKind) {
    let service = open(kind).await;
    let scene = Entered::new(&service).await;
    scene.charge(json!(30_000)).await;
    let seats = scene.seats().await;
    scene.hold(&seats[0], json!("one")).await;
    scene.hold(&seats[1], json!("two")).await;
    for name in ["one", "two"] {
        assert_eq!(scene.pay(json!(name)).await.0, 200, "{name}");
    }
    assert_eq!(scene.pay(json!("one")).await, no_ticket(), "it is paid");
    assert_eq!(service.audit().await, []);
}
