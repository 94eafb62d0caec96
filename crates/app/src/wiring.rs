//! Which part stands behind which port.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use stagedoor_domain::Command;
use stagedoor_domain::operations::{CreateConcert, DeleteConcert, LeaveRoom, Pay, RemoveToken};
use stagedoor_domain::ports::{Clock, Execute, Lines, Passwords, QueueTokens, ShowTickets, Submit};
use stagedoor_domain::use_cases::{Admission, Checkout, People, WaitingRoom};
use stagedoor_http::{
    DoorServices, Mails, Posters, Services, Staff, TicketServices, VenueChanges, WebhookChanges,
    webhook_body,
};
use stagedoor_images::PosterRenderer;
use stagedoor_webhooks::WebhookSender;

use crate::batcher::{BatchLimits, BatchWorker, Batcher};
use crate::dispatcher::{ATTEMPT_TIME_MAX, Dispatcher, DispatcherPorts, DispatcherTimes};
use crate::joins::Joins;
use crate::lines::MemoryLines;
use crate::mailer::{self, Letters, Mailer, MailerPorts, MailerTimes};
use crate::recent_tokens::RecentTokens;
use crate::scheduler::Scheduler;
use crate::sessions::MemorySessions;
use crate::settings::{Settings, WorkSettings};
use crate::store::Store;
use crate::telemetry;
use crate::token_reads::TokenReads;

/// The most commands of a batch in which each may write or delete a hundred thousand seats: others wait while
/// an embedded store writes it.
const SEAT_PLANS_PER_BATCH_MAX: usize = 1;
/// How many times as long as others such a command may wait, not counting the rests between: its
/// batches take up to a second.
const SEAT_PLANS_PATIENCE: u32 = 4;

/// The parts that everything else is made of.
pub(crate) struct Parts {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) lines: Arc<MemoryLines>,
    pub(crate) sessions: Arc<MemorySessions>,
    pub(crate) passwords: Arc<dyn Passwords>,
    pub(crate) show_tickets: Arc<dyn ShowTickets>,
}

/// Makes what the handlers work with, and the workers that are to be drained when they are done.
pub(crate) fn wire(
    parts: &Parts,
    scheduler: &Scheduler,
    work: &WorkSettings,
) -> (Services, Vec<BatchWorker>) {
    let Parts { store, clock, passwords, .. } = parts;
    let mut workers = BatchWorkers { parts, work, started: Vec::new() };
    let (token_reads, worker) = TokenReads::start(store.clone(), work.queue_length_max);
    workers.started.push(worker);
    let queue_tokens: Arc<dyn QueueTokens> = Arc::new(token_reads);
    let recent_tokens = RecentTokens::new(queue_tokens.clone());
    let leave_room =
        recent_tokens.ended_by(workers.start::<LeaveRoom>(store.clone()), |leave| leave.token_id);
    let pay = recent_tokens.ended_by(workers.start::<Pay>(store.clone()), |pay| pay.token_id);
    let staff = staff(&mut workers, store, &recent_tokens);
    let services = Services {
        clock: clock.clone(),
        lines: parts.lines.clone(),
        maintenance: store.clone(),
        sessions: parts.sessions.clone(),
        people: people(&mut workers, store, passwords),
        waiting_room: waiting_room(parts, scheduler, queue_tokens, &mut workers),
        checkout: Checkout { clock: clock.clone(), reservations: store.clone() },
        admission: admission(parts, recent_tokens),
        concerts: store.clone(),
        schedules: store.clone(),
        venues: store.clone(),
        halls: store.clone(),
        rooms: store.clone(),
        operator_actions: store.clone(),
        orders: store.clone(),
        reservations: store.clone(),
        point_accounts: store.clone(),
        payments: store.clone(),
        create_concert: workers.start_of::<CreateConcert>(store.clone(), SEAT_PLANS_PER_BATCH_MAX),
        edit_concert: workers.start(store.clone()),
        publish_concert: workers.start(store.clone()),
        cancel_concert: workers.start(store.clone()),
        delete_concert: workers.start_of::<DeleteConcert>(store.clone(), SEAT_PLANS_PER_BATCH_MAX),
        posters: posters(store, &mut workers),
        create_schedule: workers.start_of(store.clone(), SEAT_PLANS_PER_BATCH_MAX),
        venue_changes: venue_changes(store, &mut workers),
        webhooks: store.clone(),
        webhook_changes: webhook_changes(store, &mut workers),
        mails: mails(store, &mut workers),
        change_policy: workers.start(store.clone()),
        leave_room,
        hold_seats: workers.start(store.clone()),
        release_hold: workers.start(store.clone()),
        extend_hold: workers.start(store.clone()),
        change_points: workers.start(store.clone()),
        pay,
        cancel_reservation: workers.start(store.clone()),
        tickets: tickets(&mut workers, parts),
        doors: doors(&mut workers, parts),
        staff,
        read_user: workers.start(store.clone()),
        change_name: workers.start(store.clone()),
        end_sessions: workers.start(store.clone()),
        metrics: Arc::new(telemetry::render_metrics),
    };
    (services, workers.started)
}

/// Makes what delivers events to webhooks.
///
/// A stop waits for attempts no longer than for requests, so that the program ends in the time that is documented.
///
/// # Errors
/// TLS cannot be set up.
pub(crate) fn dispatcher(parts: &Parts, settings: &Settings) -> anyhow::Result<Dispatcher> {
    let Parts { store, clock, .. } = parts;
    let sender = WebhookSender::new(settings.webhook_reach()).context("cannot send webhooks")?;
    let ports = DispatcherPorts {
        fan_out: store.clone(),
        claim: store.clone(),
        record: store.clone(),
        events: store.clone(),
        sender: Arc::new(sender),
        body: Arc::new(webhook_body),
        clock: clock.clone(),
    };
    let drain_timeout = Duration::from_secs(settings.server.drain_timeout_seconds);
    let times = DispatcherTimes {
        interval: Duration::from_millis(settings.work.webhook_milliseconds),
        mails: settings.mail.is_on(),
        stop_time_max: ATTEMPT_TIME_MAX.min(drain_timeout),
    };
    Ok(Dispatcher::new(ports, times))
}

fn doors(workers: &mut BatchWorkers<'_>, parts: &Parts) -> DoorServices {
    let store = &parts.store;
    DoorServices {
        read: store.clone(),
        check_in_ticket: workers.start(store.clone()),
        undo_check_in: workers.start(store.clone()),
        change_door_staff: workers.start(store.clone()),
    }
}

fn tickets(workers: &mut BatchWorkers<'_>, parts: &Parts) -> TicketServices {
    let Parts { store, show_tickets, .. } = parts;
    TicketServices {
        read: store.clone(),
        show: show_tickets.clone(),
        transfer_ticket: workers.start(store.clone()),
        cancel_ticket: workers.start(store.clone()),
    }
}

/// Makes what sends e-mail; nothing if none is sent. A stop waits as for webhooks.
///
/// # Errors
/// A setting is missing, or TLS cannot be set up.
pub(crate) fn mailer(parts: &Parts, settings: &Settings) -> anyhow::Result<Option<Mailer>> {
    let Parts { store, clock, show_tickets, .. } = parts;
    let Some((sender, public_url)) = settings.mail.sender().context("cannot send e-mail")? else {
        return Ok(None);
    };
    let letters = Letters {
        tickets: store.clone(),
        show_tickets: show_tickets.clone(),
        clock: clock.clone(),
        local_time: settings.time_zone.clone(),
        public_url,
    };
    let ports = MailerPorts {
        claim: store.clone(),
        record: store.clone(),
        letters,
        sender: Arc::new(sender),
        clock: clock.clone(),
    };
    let drain_timeout = Duration::from_secs(settings.server.drain_timeout_seconds);
    let stop_time_max = mailer::ATTEMPT_TIME_MAX.min(drain_timeout);
    let times = MailerTimes { interval: settings.mail.interval(), stop_time_max };
    Ok(Some(Mailer::new(ports, times)))
}

fn people(
    workers: &mut BatchWorkers<'_>,
    store: &Arc<dyn Store>,
    passwords: &Arc<dyn Passwords>,
) -> People {
    People {
        users: store.clone(),
        passwords: passwords.clone(),
        create_user: workers.start(store.clone()),
        change_password: workers.start(store.clone()),
        delete_user: workers.start(store.clone()),
    }
}

fn waiting_room(
    parts: &Parts,
    scheduler: &Scheduler,
    queue_tokens: Arc<dyn QueueTokens>,
    workers: &mut BatchWorkers<'_>,
) -> WaitingRoom {
    let store = &parts.store;
    let lines: Arc<dyn Lines> = parts.lines.clone();
    let joins = Joins::new(store.clone(), lines.clone(), scheduler.peers());
    WaitingRoom {
        clock: parts.clock.clone(),
        lines,
        line_sync: scheduler.line_sync(),
        queue_tokens,
        rooms: store.clone(),
        join_room: workers.start(Arc::new(joins)),
    }
}

fn admission(parts: &Parts, recent_tokens: RecentTokens) -> Admission {
    Admission {
        clock: parts.clock.clone(),
        queue_tokens: Arc::new(recent_tokens),
        lines: parts.lines.clone(),
        rooms: parts.store.clone(),
    }
}

fn staff(
    workers: &mut BatchWorkers<'_>,
    store: &Arc<dyn Store>,
    recent_tokens: &RecentTokens,
) -> Staff {
    let remove_token = workers.start::<RemoveToken>(store.clone());
    Staff {
        edit_schedule: workers.start(store.clone()),
        cancel_schedule: workers.start(store.clone()),
        block_seats: workers.start(store.clone()),
        cancel_by_staff: workers.start(store.clone()),
        give_tickets: workers.start(store.clone()),
        remove_token: recent_tokens.ended_by(remove_token, |remove| remove.token_id),
        change_role: workers.start(store.clone()),
    }
}

fn posters(store: &Arc<dyn Store>, workers: &mut BatchWorkers<'_>) -> Posters {
    Posters {
        render: Arc::new(PosterRenderer::default()),
        images: store.clone(),
        change_poster: workers.start(store.clone()),
    }
}

fn venue_changes(store: &Arc<dyn Store>, workers: &mut BatchWorkers<'_>) -> VenueChanges {
    VenueChanges {
        create_venue: workers.start(store.clone()),
        change_venue: workers.start(store.clone()),
        create_hall: workers.start(store.clone()),
        change_plan: workers.start(store.clone()),
    }
}

fn mails(store: &Arc<dyn Store>, workers: &mut BatchWorkers<'_>) -> Mails {
    Mails {
        ask_for_verification: workers.start(store.clone()),
        ask_for_password_reset: workers.start(store.clone()),
        verify_email: workers.start(store.clone()),
        reset_password: workers.start(store.clone()),
    }
}

fn webhook_changes(store: &Arc<dyn Store>, workers: &mut BatchWorkers<'_>) -> WebhookChanges {
    WebhookChanges {
        create_webhook: workers.start(store.clone()),
        change_webhook: workers.start(store.clone()),
        replay_events: workers.start(store.clone()),
    }
}

struct BatchWorkers<'a> {
    parts: &'a Parts,
    work: &'a WorkSettings,
    started: Vec<BatchWorker>,
}

impl BatchWorkers<'_> {
    fn start<C: Command>(&mut self, store: Arc<dyn Execute<C>>) -> Arc<dyn Submit<C>> {
        self.start_of(store, usize::MAX)
    }

    /// Starts a batch worker whose batches are no larger than `most`.
    fn start_of<C: Command>(
        &mut self,
        store: Arc<dyn Execute<C>>,
        most: usize,
    ) -> Arc<dyn Submit<C>> {
        let wait_max = Duration::from_millis(self.work.queue_wait_milliseconds);
        let limits = BatchLimits {
            batch_size_max: self.work.batch_size_max.min(most),
            queue_length_max: self.work.queue_length_max,
            rests: most != usize::MAX,
            wait_max: wait_max * if most == usize::MAX { 1 } else { SEAT_PLANS_PATIENCE },
        };
        let (batcher, worker) = Batcher::start(store, Arc::clone(&self.parts.clock), limits);
        self.started.push(worker);
        Arc::new(batcher)
    }
}
