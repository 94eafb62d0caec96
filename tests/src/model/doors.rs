//! How the model reads what is needed at doors.

use std::collections::BTreeMap;

use async_trait::async_trait;
use stagedoor_domain::ports::{
    CheckInCount, CheckInsOfDoor, DoorDate, DoorEntry, DoorStaffMember, Doors, StoreError,
};
use stagedoor_domain::{
    CheckIn, Concert, ConcertId, DoorName, DoorStaff, Instant, Page, PageSize, Role, Schedule,
    ScheduleId, Ticket, TicketId, User, UserId,
};

use super::Model;

#[async_trait]
impl Doors for Model {
    async fn door_dates(
        &self,
        user: &User,
        now: Instant,
        size: PageSize,
    ) -> Result<Vec<DoorDate>, StoreError> {
        let is_staff = |schedule: &Schedule, concert: &Concert| match user.role {
            Role::Operator => true,
            Role::Door => self.get::<DoorStaff>(&(schedule.concert_id, user.id)).is_some(),
            Role::Fan | Role::Organizer => concert.organizer_id == user.id,
        };
        let mut dates = Vec::new();
        for schedule in self.all(|it: &Schedule| it.ends_at > now && it.takes_place()) {
            let concert: Concert = self.get(&schedule.concert_id).expect("a date has a concert");
            if schedule.concert_state.is_public() && is_staff(&schedule, &concert) {
                let venue = self.venue_of(&schedule);
                dates.push(DoorDate { schedule, title: concert.details.title, venue });
            }
        }
        dates.sort_by_key(|date| (date.schedule.ends_at, date.schedule.id));
        dates.truncate(size.items());
        Ok(dates)
    }

    async fn door_list(
        &self,
        schedule_id: ScheduleId,
        after: Option<TicketId>,
        size: PageSize,
    ) -> Result<Page<DoorEntry, TicketId>, StoreError> {
        let of_date = self.all(|it: &Ticket| it.schedule_id == schedule_id);
        let next = of_date.into_iter().filter(|it| after.is_none_or(|after| it.id > after));
        let next = next.take(size.items() + 1).map(|ticket| self.entry(ticket)).collect();
        Ok(Page::of(next, size, |entry| entry.ticket.id))
    }

    async fn door_entry(&self, id: TicketId) -> Result<Option<DoorEntry>, StoreError> {
        Ok(self.get(&id).map(|ticket| self.entry(ticket)))
    }

    async fn check_in_count(&self, schedule_id: ScheduleId) -> Result<CheckInCount, StoreError> {
        let tickets = self.all(|it: &Ticket| it.schedule_id == schedule_id && !it.is_void());
        let mut doors = BTreeMap::<DoorName, CheckInsOfDoor>::new();
        for CheckIn { scanned_at, door, .. } in tickets.iter().filter_map(Ticket::check_in) {
            let last_scanned_at = *scanned_at;
            let none = || CheckInsOfDoor { door: door.clone(), checked_in: 0, last_scanned_at };
            let of_door = doors.entry(door.clone()).or_insert_with(none);
            of_door.checked_in += 1;
            of_door.last_scanned_at = of_door.last_scanned_at.max(last_scanned_at);
        }
        let count = i64::try_from(tickets.len()).expect("not many");
        Ok(CheckInCount { tickets: count, doors: doors.into_values().collect() })
    }

    async fn door_staff(&self, concert_id: ConcertId) -> Result<Vec<DoorStaffMember>, StoreError> {
        let assigned = self.all(|it: &DoorStaff| it.concert_id == concert_id);
        let members = assigned.into_iter().map(|staff| {
            let user: User = self.get(&staff.user_id).expect("staff are users");
            let is_deleted = user.is_deleted();
            (is_deleted, DoorStaffMember { staff, name: user.name, email: user.email })
        });
        Ok(members.filter(|(is_deleted, _)| !is_deleted).map(|(_, member)| member).collect())
    }

    async fn is_assigned(
        &self,
        concert_id: ConcertId,
        user_id: UserId,
    ) -> Result<bool, StoreError> {
        Ok(self.get::<DoorStaff>(&(concert_id, user_id)).is_some())
    }
}

impl Model {
    fn entry(&self, ticket: Ticket) -> DoorEntry {
        let holder: User = self.get(&ticket.holder_id).expect("a ticket has a holder");
        let seat = self.get(&ticket.seat_id).expect("a ticket has a seat");
        DoorEntry { holder_name: holder.name, seat, ticket }
    }
}
