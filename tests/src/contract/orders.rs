//! Reservations as staff see them.

use stagedoor_domain::operations::{CreateSchedule, CreateUser};
use stagedoor_domain::ports::{OrderQuery, OrderText, QuarterSales};
use stagedoor_domain::{
    Email, Instant, PageSize, PersonName, ReservationId, ReservationStatus, Role,
};

use time::Duration;
use time::macros::datetime;

use super::extend_and_cancel::cancellation;
use super::store::Store;
use super::tickets;
use super::venues::{a_hall, a_plan, schedule_in};
use super::world::{Fan, HOLD_SECONDS, PRICE, Show, World, at};

/// A fan of this name and address in the room of a show.
async fn named<S: Store>(world: &World<S>, show: &Show, name: &str, email: &str) -> Fan {
    let name = PersonName::parse(name).expect("a name");
    let email = Email::parse(email).expect("an address");
    let user = world.done(CreateUser { name, email, ..world.sign_up(Role::Fan) }, at(0)).await;
    world.enter(show.room_id, user.id, at(0)).await
}

async fn found<S: Store>(world: &World<S>, query: OrderQuery, now: Instant) -> Vec<ReservationId> {
    let page = world.store.orders(&query, None, PageSize::LARGEST, now).await;
    let page = page.expect("the store reads");
    assert_eq!(page.next, None);
    page.items.into_iter().map(|order| order.reservation.id).collect()
}

fn text(text: &str) -> OrderQuery {
    OrderQuery { text: Some(OrderText::parse(text).expect("a text")), ..OrderQuery::default() }
}

/// By the number of a ticket or a seat, and by parts of names and addresses; signs of patterns mean themselves.
pub async fn orders_are_found_by_ticket_seat_name_and_address<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(2, 10).await;
    let minji = named(&world, &show, "김민지 100%", "minji_k@example.com").await;
    let anna = named(&world, &show, "Anna Smith", "anna@beispiel.example").await;
    let of_minji = world.held(minji, &show, &[3, 4], at(1)).await.id;
    let of_anna = world.held(anna, &show, &[13], at(2)).await.id;

    let paid = world.sold(anna, &show, &[15], at(2)).await.reservation;
    let number = tickets::of(&world, &paid).await[0].number;

    let table = [
        (number.to_string().to_lowercase().replace('-', " "), vec![paid.id]),
        (of_minji.to_string(), vec![of_minji]),
        ("13".to_owned(), vec![of_anna]),
        ("3".to_owned(), vec![of_minji]),
        ("민지".to_owned(), vec![of_minji]),
        ("0%".to_owned(), vec![of_minji]),
        ("ANNA SM".to_owned(), vec![of_anna, paid.id]),
        ("I_K@EX".to_owned(), vec![of_minji]),
        ("example".to_owned(), vec![of_anna, of_minji, paid.id]),
        ("a%h".to_owned(), vec![]),
        ("minji.k".to_owned(), vec![]),
        ("\\".to_owned(), vec![]),
        (minji.user_id.to_string(), vec![]),
    ];
    for (asked, mut expected) in table {
        expected.sort_unstable_by(|a, b| b.cmp(a));
        assert_eq!(found(&world, text(&asked), at(3)).await, expected, "{asked}");
    }
}

/// By what is printed on a seat with a plan and on one without, and by names with capital letters of other alphabets.
pub async fn orders_are_found_by_printed_seats_and_names_of_any_script<S: Store>(store: S) {
    let world = World::new(store);
    let (_, hall) = a_hall(&world, a_plan(2)).await;
    let show = world.open_show(2, 10).await;
    let plan = schedule_in(&world, &hall).await;
    let (concert_id, organizer_id) = (show.concert_id, show.organizer_id);
    let made = world.done(CreateSchedule { concert_id, organizer_id, plan }, at(1)).await;
    let in_hall = Show { schedule_id: made.id, ..show.clone() };
    let arzu = named(&world, &show, "Ärzu Иванова", "arzu@example.com").await;
    let row_12 = named(&world, &show, "Row 12", "row@example.com").await;
    let last_of_row = world.held(arzu, &in_hall, &[3, 4], at(1)).await.id;
    let middle_of_row = world.held(row_12, &in_hall, &[2], at(1)).await.id;
    let in_block = world.held(row_12, &show, &[13], at(2)).await.id;

    let table = [
        ("가 4", vec![last_of_row]),
        ("가-3", vec![middle_of_row]),
        ("1층 \"O'R\" 가 3", vec![middle_of_row]),
        ("ARENA 1", vec![last_of_row]),
        ("가 1", vec![]),
        ("나 3", vec![]),
        ("1 1", vec![]),
        ("2-3", vec![in_block]),
        ("4", vec![last_of_row]),
        ("row 12", vec![middle_of_row, in_block]),
        ("Ärzu", vec![last_of_row]),
        ("Иван", vec![last_of_row]),
    ];
    for (asked, mut expected) in table {
        expected.sort_unstable_by(|a, b| b.cmp(a));
        assert_eq!(found(&world, text(asked), at(3)).await, expected, "{asked}");
    }
}

/// Of a concert, of a schedule, in a state as of the read, all at once; page by page, the newest first.
pub async fn orders_are_filtered_and_paged<S: Store>(store: S) {
    let world = World::new(store);
    let (show, other) = (world.open_show(1, 10).await, world.open_show(1, 10).await);
    let [fan, elsewhere] = [world.fan(show.room_id).await, world.fan(other.room_id).await];
    let sold = world.sold(world.fan(show.room_id).await, &show, &[1, 2], at(1)).await.reservation;
    let mut of_show = vec![sold.id];
    for seat in 3..=6 {
        of_show.push(world.held(fan, &show, &[seat], at(2)).await.id);
    }
    of_show.sort_unstable_by(|a, b| b.cmp(a));
    let of_other = world.held(elsewhere, &other, &[1], at(2)).await.id;
    let of = |concert_id, schedule_id, status| OrderQuery {
        concert_id,
        schedule_id,
        status,
        text: None,
    };
    let confirmed = Some(ReservationStatus::Confirmed);

    let by_concert = of(Some(show.concert_id), None, None);
    assert_eq!(found(&world, by_concert.clone(), at(3)).await, of_show);
    let by_schedule = of(None, Some(other.schedule_id), None);
    assert_eq!(found(&world, by_schedule, at(3)).await, [of_other]);
    let neither = of(Some(show.concert_id), Some(other.schedule_id), None);
    assert_eq!(found(&world, neither, at(3)).await, []);
    let paid = of(Some(show.concert_id), None, confirmed);
    assert_eq!(found(&world, paid, at(3)).await, [sold.id]);
    let expired = of(None, Some(other.schedule_id), Some(ReservationStatus::Expired));
    assert_eq!(found(&world, expired.clone(), at(3)).await, []);
    assert_eq!(found(&world, expired, at(2 + HOLD_SECONDS)).await, [of_other]);
    let size = PageSize::new(2).expect("a page");
    let mut after = None;
    let mut paged = Vec::new();
    loop {
        let page = world.store.orders(&by_concert, after, size, at(3)).await;
        let page = page.expect("the store reads");
        for order in page.items {
            let holder = world.stored_user(order.reservation.user_id).await.profile();
            assert_eq!((order.holder, order.starts_at), (holder, at(864_000)));
            paged.push(order.reservation.id);
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(paged, of_show);
}

/// What is paid, by quarters of an hour, dates, sections and prices; refunded tickets are not sold.
pub async fn sales_are_told_by_time_section_and_price<S: Store>(store: S) {
    let world = World::new(store);
    let (show, other) = (world.open_show(1, 10).await, world.open_show(1, 10).await);
    let fans = world.fans(show.room_id, 4).await;
    world.sold(fans[0], &show, &[1, 2], at(1)).await;
    world.sold(fans[1], &show, &[3], at(2)).await;
    let later = at(QuarterSales::SECONDS);
    let late = world.enter(show.room_id, fans[2].user_id, later).await;
    world.sold(late, &show, &[4], later).await;
    let refunded = world.enter(show.room_id, fans[3].user_id, later).await;
    let refunded = world.sold(refunded, &show, &[5], later).await.reservation;
    world.done(cancellation(&world, &refunded), later).await;
    world.sold(world.fan(other.room_id).await, &other, &[1], at(1)).await;

    let sales = world.store.sales_by_time(show.concert_id).await.expect("the store reads");

    let quarter = |seconds, tickets| QuarterSales {
        from: datetime!(2026-11-21 10:00 UTC) + Duration::seconds(seconds),
        schedule_id: show.schedule_id,
        section: "R석".to_owned(),
        price: PRICE,
        tickets,
        revenue: tickets * PRICE,
    };
    assert_eq!(sales, [quarter(0, 3), quarter(QuarterSales::SECONDS, 1)]);
}
