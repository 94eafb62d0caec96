//! Charging and using points.

use serde_json::json;
use stagedoor::settings::AuthMode;
use stagedoor_tests::service::{Service, StoreKind};

use crate::on_both_stores;

on_both_stores!(
    a_balance_is_the_sum_of_its_history,
    amounts_that_make_no_sense_are_refused_and_change_nothing,
    a_repeated_charge_counts_once,
    users_charge_points_themselves_only_where_the_operator_has_said_so,
);

async fn a_balance_is_the_sum_of_its_history(kind: StoreKind) {
    let service = Service::start(kind).await;
    let fan = service.new_user().await;
    fan.charge(10_000).await;

    let used = fan.post("/api/v1/points/uses", json!({"amount": 4_000})).await;
    let too_much = fan.post("/api/v1/points/uses", json!({"amount": 6_001})).await;

    assert_eq!((used.status.as_u16(), used.number_at("balance")), (201, 6_000));
    assert_eq!(used.body["entry"]["kind"], "USE");
    assert_eq!(too_much.refusal(), (409, "INSUFFICIENT_POINTS"));
    assert_eq!(fan.balance().await, 6_000);
    assert_eq!(service.audit().await, []);
}

async fn amounts_that_make_no_sense_are_refused_and_change_nothing(kind: StoreKind) {
    let service = Service::start(kind).await;
    let fan = service.new_user().await;
    fan.charge(9_007_199_254_740_991).await;

    for amount in [json!(0), json!(-1), json!(1.5), json!("1"), json!(null), json!(1_u64 << 53)] {
        for path in ["/api/v1/points/charges", "/api/v1/points/uses"] {
            let refused = fan.post(path, json!({"amount": amount})).await;
            assert_eq!(refused.refusal(), (400, "VALIDATION"), "{amount}");
            assert_eq!(refused.body["errors"][0]["field"], "amount");
        }
    }
    let too_large = fan.post("/api/v1/points/charges", json!({"amount": 1})).await;

    assert_eq!(too_large.refusal(), (409, "BALANCE_TOO_LARGE"));
    let history = fan.get("/api/v1/points/history").await;
    assert_eq!(history.body["items"].as_array().unwrap().len(), 1);
}

async fn a_repeated_charge_counts_once(kind: StoreKind) {
    let service = Service::start(kind).await;
    let fan = service.new_user().await;
    let charge = || fan.post_once("/api/v1/points/charges", "key", json!({"amount": 500}));

    let answers = futures_util::future::join_all((0..20).map(|_| charge())).await;

    assert!(answers.iter().all(|answer| answer.body == answers[0].body), "{answers:?}");
    assert_eq!(fan.balance().await, 500);
    let reused = fan.post_once("/api/v1/points/charges", "key", json!({"amount": 501})).await;
    assert_eq!(reused.code(), "IDEMPOTENCY_MISMATCH");
}

async fn users_charge_points_themselves_only_where_the_operator_has_said_so(kind: StoreKind) {
    let service = Service::start_with(kind, |settings| settings.direct_charges = false).await;
    let fan = service.new_user().await;
    let me = fan.get("/api/v1/users/me").await.text_at("id");
    let body = json!({"userId": me, "amount": 9_007_199_254_740_991_i64});

    let amount = json!({"amount": body["amount"]});
    let refused = fan.post("/api/v1/points/charges", amount.clone()).await;
    assert_eq!(refused.refusal(), (403, "CHARGES_DISABLED"));
    let of_ost = fan.patch("/point/charge", body.clone()).await;
    assert_eq!(of_ost.refusal(), (403, "CHARGES_DISABLED"));
    let of_ticketing = fan.patch("/payments/charges", body).await;
    let text = json!({"error": "이 서비스에서는 포인트를 직접 충전할 수 없습니다."});
    assert_eq!((of_ticketing.status.as_u16(), &of_ticketing.body), (403, &text));

    let account = fan.get("/api/v1/points").await;
    assert_eq!((account.number_at("balance"), &account.body["directCharges"]), (0, &json!(false)));
    assert_eq!(fan.get("/api/v1/points/history").await.body["items"], json!([]));
    let anyone = service.anyone().post("/api/v1/points/charges", amount).await;
    assert_eq!(anyone.code(), "UNAUTHENTICATED", "who is asking goes first");

    let open = Service::start_with(kind, |settings| {
        settings.direct_charges = false;
        settings.auth_mode = AuthMode::Open;
    })
    .await;
    let fan = open.new_user().await;
    fan.charge(1).await;
    assert_eq!(fan.get("/api/v1/points").await.body["directCharges"], json!(true));
}
