//! Many at once.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use stagedoor_tests::service::{Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    two_hundred_people_race_for_one_seat_and_one_gets_it,
    five_hundred_charges_and_uses_of_one_account_all_count,
    a_thousand_joins_of_one_room_stand_in_line_without_a_gap_or_a_repeat,
);

async fn two_hundred_people_race_for_one_seat_and_one_gets_it(kind: StoreKind) {
    let service = Service::start(kind).await;
    let sale = service.on_sale(1, json!({"capacity": 1_000})).await;
    let fans = service.people(200).await;
    let holders = join_all(fans.iter().map(|fan| fan.join(&sale.concert_id))).await;
    let hold = sale.seats(&[7]);

    let answers =
        join_all(holders.iter().map(|(fan, _)| fan.post("/api/v1/reservations", hold.clone())))
            .await;

    let held = answers.iter().filter(|answer| answer.status == 201).count();
    let taken = answers.iter().filter(|answer| answer.code() == "SEAT_TAKEN").count();
    assert_eq!((held, taken), (1, 199));
    assert_eq!(service.audit().await, []);
}

async fn five_hundred_charges_and_uses_of_one_account_all_count(kind: StoreKind) {
    let service = Service::start(kind).await;
    let fan = service.new_user().await;
    fan.charge(1_000_000).await;

    let answers = join_all((1..=250).flat_map(|amount| {
        let body = json!({"amount": amount});
        [
            fan.post("/api/v1/points/charges", body.clone()),
            fan.post("/api/v1/points/uses", json!({"amount": 2 * amount})),
        ]
    }))
    .await;

    assert!(answers.iter().all(|answer| answer.status == 201));
    let sum: i64 = (1..=250).map(|amount| amount - 2 * amount).sum();
    assert_eq!(fan.balance().await, 1_000_000 + sum);
    assert_eq!(service.audit().await, []);
}

async fn a_thousand_joins_of_one_room_stand_in_line_without_a_gap_or_a_repeat(kind: StoreKind) {
    let service = Service::start_without_janitor(kind).await;
    let policy = json!({"capacity": 0, "admitBatch": 300, "admitIntervalSeconds": 1});
    let sale = service.on_sale(1, policy).await;
    let fans = service.people(1_000).await;

    let joined = join_all(fans.iter().map(|fan| fan.join(&sale.concert_id))).await;

    let mut line: Vec<_> =
        joined.iter().map(|(holder, answer)| (answer.number_at("position"), holder)).collect();
    let positions: BTreeSet<_> = line.iter().map(|(position, _)| *position).collect();
    assert_eq!(positions, (1..=1_000).collect());
    line.sort_by_key(|(position, _)| *position);
    let operator = service.new_user_as(stagedoor_domain::Role::Operator).await;
    let room = sale.room();
    operator.patch(&room, json!({"capacity": 1_000})).await;
    for let_in in [300, 600, 900, 1_000] {
        service.run_jobs().await;
        let places =
            join_all(line.iter().map(|(_, holder)| holder.get("/api/v1/queue-tokens/me"))).await;
        let active = places.iter().take_while(|place| place.text_at("status") == "ACTIVE").count();
        assert_eq!(active, let_in, "the first in line are let in first");
        for (position, place) in (1_i64..).zip(&places[active..]) {
            assert_eq!(place.number_at("position"), position);
        }
        service.clock.pass(Duration::from_secs(1));
    }
    assert_eq!(service.audit().await, []);
}
