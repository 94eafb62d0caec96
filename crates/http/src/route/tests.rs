use super::*;
use crate::{contracts, health, v1};

fn all() -> Vec<Route> {
    [health::routes(), v1::routes(), contracts::routes()].into_iter().flatten().collect()
}

fn ids_of(class: LoadClass) -> Vec<&'static str> {
    let of_class = all().into_iter().filter(|route| route.rules.class == class);
    let mut ids: Vec<_> = of_class.filter_map(|route| Some(route.operation?.id)).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn a_handler_takes_what_its_route_declares() {
    for route in all() {
        let Route { path, rules, access, enforced, .. } = &route;
        assert!(route.is_consistent(), "{} {path}: {access:?}, {enforced:?}", rules.method);
    }
}

#[test]
fn entry_requests_are_those_by_which_users_arrive() {
    let entries = [
        "askForPasswordReset",
        "changePassword",
        "deleteMe",
        "joinConcertRoom",
        "joinSiteRoom",
        "logIn",
        "ostEnterQueue",
        "ostIssueToken",
        "reservationIssueToken",
        "resetPassword",
        "signUp",
        "ticketingEnter",
        "verifyEmail",
    ];
    assert_eq!(ids_of(LoadClass::Entry), entries);
    assert_eq!(
        ids_of(LoadClass::Exempt),
        ["live", "metrics", "readLine", "readLineBlock", "ready"]
    );
}
