//! Drafts, and concerts that are published, cancelled and deleted.

use stagedoor_domain::concert::{DetailsEdit, NotOwn, RunningTime, SearchWords, Subtitle, Tags};
use stagedoor_domain::operations::{
    CancelConcert, CancelConcertRefused, CreateConcert, CreateSchedule, DeleteConcert,
    DeleteConcertRefused, EditConcert, EditConcertRefused, HoldRefused, JoinRefused, PayRefused,
    PublishConcert, PublishRefused,
};
use stagedoor_domain::ports::{ConcertFilter, Settlement};
use stagedoor_domain::{
    Concert, ConcertId, ConcertState, ExpectedVersion, PageSize, Reason, ReservationState, Role,
    RoomId, Title, UserId,
};

use super::managed_schedules::settle;
use super::snapshot::{Snapshot, all_pages};
use super::store::{Store, ask, assert_sound, together};
use super::venues::{a_hall, a_plan, rename_venue, schedule_in};
use super::world::{OPENING, Show, World, at, before, release};

impl Show {
    /// The organizer changes what is told of this version of it.
    pub fn edit(&self, edit: DetailsEdit, version: i64) -> EditConcert {
        EditConcert {
            concert_id: self.concert_id,
            organizer_id: self.organizer_id,
            edit,
            expected: ExpectedVersion::OneOf(vec![version]),
        }
    }

    /// The organizer publishes it.
    pub fn publish(&self) -> PublishConcert {
        PublishConcert { concert_id: self.concert_id, organizer_id: self.organizer_id }
    }

    /// The organizer cancels it.
    pub fn cancel(&self) -> CancelConcert {
        CancelConcert {
            concert_id: self.concert_id,
            organizer_id: self.organizer_id,
            reason: None,
            action_ids: Vec::new(),
        }
    }

    /// The organizer deletes it.
    pub fn delete(&self) -> DeleteConcert {
        DeleteConcert { concert_id: self.concert_id, organizer_id: self.organizer_id }
    }
}

impl<S: Store> World<S> {
    /// A draft with two seats on one date.
    pub async fn draft(&self) -> Show {
        let organizer_id = self.user(Role::Organizer).await;
        let plan = self.plan(1, 2);
        let schedule_id = plan.id;
        let command = self.announcement(organizer_id, vec![plan]);
        let (concert_id, room_id) = (command.id, command.room_id);
        self.done(CreateConcert { is_draft: true, ..command }, OPENING).await;
        Show { organizer_id, concert_id, room_id, schedule_id }
    }

    async fn concert(&self, id: ConcertId) -> Concert {
        let found = self.store.concert(id, OPENING).await.expect("the store reads");
        found.expect("there is such a concert").concert
    }

    async fn listed(&self, organizer_id: Option<UserId>) -> Vec<ConcertId> {
        let filter = ConcertFilter { organizer_id, ..ConcertFilter::default() };
        let read = |after, size| self.store.concerts(&filter, after, size, OPENING);
        all_pages(2, read).await.into_iter().map(|listing| listing.concert.id).collect()
    }
}

/// What the concert, its room and its schedule say of its state.
async fn states<S: Store>(world: &World<S>, show: &Show) -> [ConcertState; 3] {
    let schedule = world.store.schedule(show.schedule_id).await.expect("the store reads");
    let schedule = schedule.expect("there is such a schedule");
    let room = world.room(show.room_id).await;
    let concert = world.concert(show.concert_id).await;
    [concert.state, room.concert_state, schedule.concert_state]
}

/// A draft is in no list but its organizer's, and nothing of it can be booked.
pub async fn a_draft_is_listed_for_its_organizer_alone<S: Store>(store: S) {
    let world = World::new(store);
    let (draft, public) = (world.draft().await, world.show(1, 1).await);

    assert_eq!(world.listed(None).await, [public.concert_id]);
    assert_eq!(world.listed(Some(draft.organizer_id)).await, [draft.concert_id]);
    assert_eq!(world.listed(Some(public.organizer_id)).await, [public.concert_id]);
    let listing = world.store.concert(draft.concert_id, OPENING).await.unwrap_or_default();
    let listing = listing.expect("its id finds it");
    assert_eq!((listing.bookable, listing.booking_opens_at), (false, None));
    assert_eq!(listing.next_dates.len(), 1);
    assert_eq!(states(&world, &draft).await, [ConcertState::Draft; 3]);
    let available =
        |only| world.store.schedules(draft.concert_id, only, None, PageSize::DEFAULT, OPENING);
    assert_eq!(available(false).await.map(|page| page.items.len()), Ok(1));
    assert_eq!(available(true).await.map(|page| page.items.len()), Ok(0));
}

/// `DRAFT → PUBLISHED → CANCELLED`, with the copies in its room and schedule.
pub async fn a_concert_reads_back_in_every_state<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.draft().await;

    let published = world.done(show.publish(), at(1)).await;
    assert_eq!(world.concert(show.concert_id).await, published);
    assert_eq!(states(&world, &show).await, [ConcertState::Published; 3]);
    let listing = world.store.concert(show.concert_id, at(1)).await;
    assert!(listing.is_ok_and(|listing| listing.is_some_and(|listing| listing.bookable)));
    let cancelled = world.done(show.cancel(), at(2)).await;

    assert_eq!(world.concert(show.concert_id).await, cancelled);
    assert_eq!((published.version, cancelled.version), (1, 2));
    assert_eq!(states(&world, &show).await, [ConcertState::Cancelled; 3]);
    let listing = world.store.concert(show.concert_id, at(2)).await.unwrap_or_default();
    let listing = listing.expect("it is there");
    assert_eq!((listing.bookable, listing.next_dates.len()), (false, 0));
    assert_eq!(world.listed(None).await, [show.concert_id]);
}

/// Not one's own, without a date, sold, or in another state.
pub async fn a_change_of_state_that_is_not_allowed_is_refused<S: Store>(store: S) {
    let world = World::new(store);
    let (draft, show) = (world.draft().await, world.open_show(1, 2).await);
    let stranger = draft.organizer_id;
    let anothers = |show: &Show| Show { organizer_id: stranger, ..show.clone() };
    let unknown = Show { concert_id: world.id(), ..draft.clone() };
    let hidden = Show { organizer_id: show.organizer_id, ..draft.clone() };
    let empty = CreateConcert { is_draft: true, ..world.announcement(stranger, Vec::new()) };
    let empty = Show { concert_id: world.done(empty, OPENING).await.concert.id, ..draft.clone() };
    let fan = world.fan(show.room_id).await;
    world.sold(fan, &show, &[1], at(1)).await;

    let own = |refused| Err(PublishRefused::NotOwn(refused));
    assert_eq!(world.ask(unknown.publish(), at(2)).await, own(NotOwn::NotFound));
    assert_eq!(world.ask(hidden.publish(), at(2)).await, own(NotOwn::NotFound));
    assert_eq!(world.ask(anothers(&show).publish(), at(2)).await, own(NotOwn::AnotherOrganizers));
    assert_eq!(world.ask(empty.publish(), at(2)).await, Err(PublishRefused::NoSchedule));
    let refused = CancelConcertRefused::NotPublished;
    assert_eq!(world.ask(draft.cancel(), at(2)).await, Err(refused));
    assert_eq!(world.ask(show.cancel(), at(2)).await, Err(CancelConcertRefused::HasSales));
    assert_eq!(world.ask(show.delete(), at(2)).await, Err(DeleteConcertRefused::HasSales));
    assert_eq!(states(&world, &show).await, [ConcertState::Published; 3]);
}

/// Neither by a token of its own room nor by one of the site-wide room.
pub async fn nothing_of_a_draft_or_a_cancelled_concert_is_sold<S: Store>(store: S) {
    let world = World::new(store);
    let (draft, show) = (world.draft().await, world.open_show(1, 2).await);
    let (fan, holder) = (world.fan(show.room_id).await, world.fan(show.room_id).await);
    let site = world.fan(RoomId::SITE).await;
    let held = world.held(holder, &show, &[2], at(1)).await;
    world.charge(holder.user_id, held.total_price.get()).await;
    world.done(show.cancel(), at(2)).await;

    let newcomer = world.users(1).await[0];
    let join = |room_id| world.join(room_id, newcomer);
    let refused = JoinRefused::ConcertNotFound;
    assert_eq!(world.ask(join(draft.room_id), at(3)).await.err(), Some(refused));
    let refused = JoinRefused::ConcertCancelled;
    assert_eq!(world.ask(join(show.room_id), at(3)).await.err(), Some(refused));
    let refused = HoldRefused::ScheduleNotFound;
    assert_eq!(world.ask(world.hold(site, &draft, &[1]), at(3)).await.err(), Some(refused));
    let refused = HoldRefused::ConcertCancelled;
    assert_eq!(world.ask(world.hold(fan, &show, &[1]), at(3)).await.err(), Some(refused));
    let refused = PayRefused::ConcertCancelled;
    assert_eq!(world.ask(world.pay(holder, held.id), at(3)).await.err(), Some(refused));
    world.done(release(&held), at(4)).await;
}

/// With its dates, seats, room and tokens; of another concert nothing is gone.
pub async fn a_deleted_concert_leaves_nothing_behind<S: Store>(store: S) {
    let world = World::new(store);
    let (show, other) = (world.open_show(2, 3).await, world.open_show(1, 2).await);
    let line = world.closed_show().await;
    let fans = [world.fans(show.room_id, 3).await, world.fans(line.room_id, 3).await].concat();
    let stays = world.fan(other.room_id).await;

    for gone in [&show, &line] {
        world.done(gone.delete(), at(1)).await;
        let refused = DeleteConcertRefused::NotOwn(NotOwn::NotFound);
        assert_eq!(world.ask(gone.delete(), at(2)).await, Err(refused));
        assert_eq!(world.store.concert(gone.concert_id, at(2)).await, Ok(None));
        assert_eq!(world.store.schedule(gone.schedule_id).await, Ok(None));
        assert_eq!(world.store.seats(gone.schedule_id).await, Ok(Vec::new()));
        assert_eq!(world.store.room(gone.room_id).await, Ok(None));
    }
    for fan in fans {
        assert_eq!(world.store.queue_token(fan.token_id).await, Ok(None));
    }
    assert_eq!(world.listed(None).await, [other.concert_id]);
    world.sold(stays, &other, &[1], at(3)).await;
}

/// A reservation that was released counts, too.
pub async fn a_concert_that_was_reserved_is_not_deleted<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 2).await;
    let fan = world.fan(show.room_id).await;
    let held = world.held(fan, &show, &[1], at(1)).await;
    world.done(release(&held), at(2)).await;
    let before = Snapshot::of(&world.store, &world.known(), at(3)).await;

    assert_eq!(world.ask(show.delete(), at(3)).await, Err(DeleteConcertRefused::HasSales));

    before.assert_same(&Snapshot::of(&world.store, &world.known(), at(3)).await);
}

/// Either the seat is held and the concert stays, or the concert is gone and the seat is not found.
pub async fn holding_and_deleting_at_once_have_one_winner<S: Store>(store: S) {
    let world = World::new(store);
    for _ in 0..20 {
        let show = world.open_show(1, 2).await;
        let fans = world.fans(show.room_id, 2).await;
        let holds: Vec<_> =
            (1..).zip(&fans).map(|(n, fan)| world.hold(*fan, &show, &[n])).collect();
        let holding = holds.into_iter().map(|hold| {
            let store = world.store.clone();
            tokio::spawn(async move { ask(&store, hold, at(1)).await.is_ok() })
        });
        let holding: Vec<_> = holding.collect();
        let deleted = ask(&world.store, show.delete(), at(1)).await;
        let mut held = 0;
        for task in holding {
            held += usize::from(task.await.expect("it ends"));
        }
        match deleted {
            Ok(()) => assert_eq!(held, 0),
            Err(refused) => {
                assert_eq!((refused, held > 0), (DeleteConcertRefused::HasSales, true));
            }
        }
    }
    assert_sound(&world.store, at(2)).await;
}

/// A payment that comes after the cancellation is refused, and a cancellation after a payment is.
pub async fn paying_and_cancelling_the_concert_at_once_have_one_winner<S: Store>(store: S) {
    let world = World::new(store);
    for _ in 0..20 {
        let show = world.open_show(1, 1).await;
        let fan = world.fan(show.room_id).await;
        let held = world.held(fan, &show, &[1], at(1)).await;
        world.charge(fan.user_id, held.total_price.get()).await;
        let (pay, store) = (world.pay(fan, held.id), world.store.clone());
        let paying = tokio::spawn(async move { ask(&store, pay, at(2)).await });

        let cancelled = ask(&world.store, show.cancel(), at(2)).await;
        let paid = paying.await.expect("it ends");

        let winners = (cancelled.is_ok(), paid.is_ok());
        assert!(matches!(winners, (true, false) | (false, true)), "{cancelled:?} and {paid:?}");
    }
    assert_sound(&world.store, at(3)).await;
}

/// With a reason, tickets of dates to come are refunded and holds end.
pub async fn a_concert_with_sales_is_cancelled_with_a_reason<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.open_show(1, 3).await;
    let plan = world.plan(1, 2);
    let (concert_id, organizer_id) = (show.concert_id, show.organizer_id);
    let second = world.done(CreateSchedule { concert_id, organizer_id, plan }, at(1)).await;
    let fans = world.fans(show.room_id, 2).await;
    let sold = world.sold(fans[0], &show, &[1], at(1)).await;
    let held = world.held(fans[1], &show, &[2], at(1)).await;
    let reason = Reason::parse("A singer is ill").expect("a reason");
    let cancel = |ids: usize| CancelConcert {
        reason: Some(reason.clone()),
        action_ids: (0..ids).map(|_| world.id()).collect(),
        ..show.cancel()
    };
    let count = async || {
        let read = world.store.concert_settlement(concert_id).await;
        let Settlement { refunded, tickets, holds } = read.expect("the store reads");
        (refunded, tickets, holds)
    };

    assert_eq!(world.ask(show.cancel(), at(2)).await, Err(CancelConcertRefused::HasSales));
    assert_eq!(world.ask(cancel(1), at(2)).await, Err(CancelConcertRefused::TooManyDates));
    let cancelled = world.done(cancel(2), at(2)).await;

    assert_eq!(cancelled.state, ConcertState::Cancelled);
    for id in [show.schedule_id, second.id] {
        let date = world.store.schedule(id).await.expect("the store reads").expect("a date");
        assert_eq!(date.concert_state, ConcertState::Cancelled);
        assert_eq!(date.cancelled.expect("it is cancelled").reason, reason);
    }
    assert_eq!(count().await, (0, 1, 1));
    world.done(settle(&world, None, 10), at(3)).await;
    assert_eq!(count().await, (1, 0, 0));
    let account = world.store.point_account(fans[0].user_id).await.expect("the store reads");
    assert_eq!(account.map(|account| account.balance.get()), Some(sold.payment.amount.get()));
    for id in [sold.payment.reservation_id, held.id] {
        let found = world.store.reservation(id).await.expect("the store reads");
        let state = found.expect("a reservation").state;
        assert!(matches!(state, ReservationState::Cancelled { .. }), "{state:?}");
    }
    assert_sound(&world.store, at(3)).await;
}

/// Joins while the concert is cancelled: each is done or refused, and none waits for ever.
pub async fn joining_and_cancelling_at_once_never_deadlock<S: Store>(store: S) {
    let world = World::new(store);
    for _ in 0..10 {
        let show = world.open_show(1, 2).await;
        let joins: Vec<_> =
            world.users(10).await.into_iter().map(|user| world.join(show.room_id, user)).collect();
        let joining = tokio::spawn({
            let store = world.store.clone();
            let tasks = joins.into_iter().map(move |join| {
                let store = store.clone();
                async move { ask(&store, join, at(1)).await.err() }
            });
            together(tasks.collect::<Vec<_>>())
        });
        world.done(show.cancel(), at(1)).await;
        let refused = joining.await.expect("they end");
        assert!(refused.into_iter().flatten().all(|it| it == JoinRefused::ConcertCancelled));
    }
}

/// Another title.
pub fn new_title(text: &str) -> DetailsEdit {
    DetailsEdit { title: Some(Title::parse(text).expect("a title")), ..DetailsEdit::default() }
}

/// Every field, and back; the slug of a draft follows, that of a public concert does not.
pub async fn an_edited_concert_reads_back<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.draft().await;
    let edit = DetailsEdit {
        subtitle: Some(Subtitle::parse("앙코르").expect("a subtitle")),
        tags: Some(Tags::parse(&["록".to_owned()]).expect("tags")),
        running_time: Some(Some(RunningTime::parse(90).expect("a running time"))),
        ..new_title("새 제목")
    };

    let edited = world.done(show.edit(edit, 0), at(1)).await;
    assert_eq!(world.concert(show.concert_id).await, edited);
    let slug = edited.slug.clone().expect("it has a slug");
    assert_eq!(world.store.concert_of_slug(&slug).await, Ok(Some(show.concert_id)));
    world.done(show.publish(), at(2)).await;
    let none = DetailsEdit { running_time: Some(None), ..new_title("또 다른 제목") };
    let cleared = world.done(show.edit(none, 2), at(3)).await;

    assert_eq!(world.concert(show.concert_id).await, cleared);
    assert_eq!((cleared.details.running_time, cleared.version), (None, 3));
    assert_eq!(world.store.concert_of_slug(&slug).await, Ok(Some(show.concert_id)));
}

/// Of ten edits of one version one is done.
pub async fn two_edits_of_one_version_of_a_concert_do_not_both_count<S: Store>(store: S) {
    let world = World::new(store);
    let show = world.show(1, 1).await;
    let tasks = (0..10).map(|n| {
        let edit = show.edit(new_title(&format!("제목 {n}")), 0);
        let store = world.store.clone();
        async move { ask(&store, edit, at(1)).await }
    });

    let verdicts = together(tasks.collect::<Vec<_>>()).await;

    let (done, refused): (Vec<_>, Vec<_>) = verdicts.into_iter().partition(Result::is_ok);
    assert_eq!(done, [Ok(world.concert(show.concert_id).await)]);
    assert!(refused.into_iter().all(|it| it == Err(EditConcertRefused::OtherVersion)));
}

/// By words in whatever case, by dates, and by both, also page by page.
pub async fn concerts_are_found_by_words_and_dates<S: Store>(store: S) {
    let world = World::new(store);
    let organizer = world.user(Role::Organizer).await;
    let titles = ["겨울밤 100% LIVE", "Winter_Night ＯＳＴ", "봄 live"];
    let mut ids = Vec::new();
    for (days, title) in (10..).zip(titles) {
        let mut plan = world.plan(1, 1);
        plan.terms.starts_at = at(days * 86_400);
        plan.terms.ends_at = at(days * 86_400 + 60);
        let mut command = world.announcement(organizer, vec![plan]);
        command.details.title = Title::parse(title).expect("a title");
        ids.push(command.id);
        world.done(command, OPENING).await;
    }
    let hidden = world.draft().await;
    world.done(hidden.edit(new_title("Secret LIVE"), 0), at(1)).await;
    let find = async |q: Option<&str>, starts_from, starts_before| {
        let words = q.map(|q| SearchWords::parse(q).expect("words")).unwrap_or_default();
        let filter =
            ConcertFilter { words, starts_from, starts_before, ..ConcertFilter::default() };
        let read = |after, size| world.store.concerts(&filter, after, size, OPENING);
        let found = all_pages(1, read).await;
        let place = |id| ids.iter().position(|known| *known == id).expect("it is listed");
        let mut found: Vec<_> = found.into_iter().map(|it| place(it.concert.id)).collect();
        found.reverse();
        found
    };
    let day = |days: i64| Some(at(days * 86_400));
    assert_eq!(find(None, None, None).await, [0, 1, 2]);
    for (q, expected) in [
        ("live", vec![0, 2]),
        ("LIVE 겨울밤", vec![0]),
        ("ost", vec![1]),
        ("100%", vec![0]),
        ("%", vec![0]),
        ("r_n", vec![1]),
        ("r%n", vec![]),
        ("\\", vec![]),
        ("'; --", vec![]),
    ] {
        assert_eq!(find(Some(q), None, None).await, expected, "{q}");
    }
    assert_eq!(find(None, day(11), None).await, [1, 2], "the bound below is within");
    assert_eq!(find(None, None, day(11)).await, [0], "and that above is not");
    assert_eq!(find(None, day(11), day(12)).await, [1]);
    assert_eq!(find(None, day(10).map(before), day(10)).await, Vec::<usize>::new());
    assert_eq!(find(Some("live"), day(11), None).await, [2]);
}

/// By their ids, in the order of the list; a draft and an unknown id are not among them.
pub async fn concerts_are_found_by_their_ids<S: Store>(store: S) {
    let world = World::new(store);
    let [first, _, third] =
        [world.show(1, 1).await, world.show(1, 1).await, world.show(1, 1).await];
    let draft = world.draft().await;
    let find = async |ids: &[ConcertId], words: SearchWords| {
        let filter = ConcertFilter { ids: Some(ids.to_vec()), words, ..ConcertFilter::default() };
        let read = |after, size| world.store.concerts(&filter, after, size, OPENING);
        let found = all_pages(1, read).await;
        found.into_iter().map(|listing| listing.concert.id).collect::<Vec<_>>()
    };
    let ids = [first.concert_id, third.concert_id, draft.concert_id, world.id()];

    assert_eq!(find(&ids, SearchWords::default()).await, [third.concert_id, first.concert_id]);
    let nothing = SearchWords::parse("nothing has this title").expect("words");
    assert_eq!(find(&ids, nothing).await, []);
    assert_eq!(find(&[], SearchWords::default()).await, []);
}

/// By the name and the address of the venue of a date, as they are now, and by one date for all that is asked.
pub async fn concerts_are_found_by_the_place_of_a_date<S: Store>(store: S) {
    let world = World::new(store);
    let (venue, hall) = a_hall(&world, a_plan(1)).await;
    let show = world.show(1, 1).await;
    let mut plan = schedule_in(&world, &hall).await;
    (plan.terms.starts_at, plan.terms.ends_at) = (at(20 * 86_400), at(20 * 86_400 + 60));
    let (concert_id, organizer_id) = (show.concert_id, show.organizer_id);
    world.done(CreateSchedule { concert_id, organizer_id, plan }, at(1)).await;
    let find = async |place: &str, starts_before| {
        let place = SearchWords::parse_place(place).expect("words");
        let filter = ConcertFilter { place, starts_before, ..ConcertFilter::default() };
        let read = |after, size| world.store.concerts(&filter, after, size, OPENING);
        all_pages(1, read).await.len()
    };
    for (place, expected) in [
        ("예술의전당", 1),
        ("서초구 예술의전당", 1),
        ("2406", 1),
        ("o'r", 1),
        ("\"O'R\" 부산", 0),
        ("콘서트홀", 0),
        ("%", 0),
        ("_", 0),
    ] {
        assert_eq!(find(place, None).await, expected, "{place}");
    }
    assert_eq!(find("서울", Some(at(21 * 86_400))).await, 1);
    assert_eq!(find("서울", Some(at(19 * 86_400))).await, 0, "its other date is elsewhere");
    world.done(rename_venue(&world, &venue, "Blue Note", ExpectedVersion::Any), at(2)).await;
    assert_eq!(find("blue", None).await, 1);
    assert_eq!(find("예술의전당", None).await, 0);
    let listing = world.store.concert(concert_id, OPENING).await.expect("the store reads");
    let found = listing.and_then(|listing| listing.venue).expect("a date has a venue");
    assert_eq!((found.id, found.name.as_str()), (venue.id, "Blue Note"));
}
