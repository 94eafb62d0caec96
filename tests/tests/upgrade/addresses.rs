//! Addresses that an older version took in several forms.

use serde_json::json;
use stagedoor_tests::service::{Service, StoreKind};

use crate::seed::sow_people;
use crate::tables::{content, shape};
use crate::{migrations, stagedoor, store_at, take_back};

/// People, the oldest first: id, address as it was stored, address as it is stored from now on.
const PEOPLE: [(&str, &str, &str); 7] = [
    ("01900000-0000-7000-8000-0000000000a1", "a@m\u{fc}ller.de", "a@m\u{fc}ller.de"),
    ("01900000-0000-7000-8000-0000000000a2", "a@mu\u{308}ller.de", "a@mu\u{308}ller.de"),
    ("01900000-0000-7000-8000-0000000000a3", "a@xn--mller-kva.de", "a@xn--mller-kva.de"),
    ("01900000-0000-7000-8000-0000000000a4", "b@mu\u{308}ller.de", "b@xn--mller-kva.de"),
    ("01900000-0000-7000-8000-0000000000a5", "c\u{ad}@example.com", "c@example.com"),
    ("01900000-0000-7000-8000-0000000000a6", "c@example.com.", "c@example.com."),
    ("01900000-0000-7000-8000-0000000000a7", "d\u{2800}@example.com", "d\u{2800}@example.com"),
];
/// The only one whose address is valid and of no other user.
const UNREPORTED: &str = PEOPLE[3].0;

async fn no_account_is_lost(kind: StoreKind) {
    let all = migrations(kind);
    let is_last = |name: &String| name.ends_with("one_form_of_addresses");
    let (applied, missing) = all.split_at(all.iter().position(is_last).unwrap());
    let home = store_at(kind, applied, &all);
    sow_people(&home, &PEOPLE.map(|(id, stored, _)| (id, stored))).await;

    let told = stagedoor(&home, &["migrate", "up"]);

    let after = content(&home, &shape(&home))["users"].clone();
    for (id, _, today) in PEOPLE {
        assert_eq!(told.contains(id), id != UNREPORTED, "{id}: {told}");
        let row = after.iter().find(|row| row.contains(id)).unwrap();
        assert!(row.contains(&format!("'{today}'")), "{row}");
    }
    assert_eq!(stagedoor(&home, &["audit"]).trim(), "no violations");
    take_back(&home, missing);
    stagedoor(&home, &["migrate", "up"]);
    assert_eq!(content(&home, &shape(&home))["users"], after);

    let service = Service::start_in(home, |_| {}).await;
    let others = [("b@m\u{fc}ller.de", PEOPLE[3].0), ("C@EXAMPLE.COM", PEOPLE[4].0)];
    for (email, id) in PEOPLE.map(|(id, stored, _)| (stored, id)).into_iter().chain(others) {
        let person = service.sign_in(email).await;
        assert_eq!(person.get("/api/v1/users/me").await.text_at("id"), id, "{email:?}");
    }
    for email in ["a@M\u{dc}LLER.de", "b@mu\u{308}ller.de", "c@example.com"] {
        let body = json!({"name": "Twin", "email": email, "password": "stagedoor"});
        let refused = service.anyone().post("/api/v1/users", body).await;
        assert_eq!(refused.code(), "EMAIL_TAKEN", "{email:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_with_one_address_in_several_forms_are_kept_and_reported_on_the_embedded_store() {
    no_account_is_lost(StoreKind::Embedded).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_with_one_address_in_several_forms_are_kept_and_reported_on_postgres() {
    no_account_is_lost(StoreKind::Postgres).await;
}
