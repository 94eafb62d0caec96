mod scene;

use std::collections::BTreeSet;

use metrics_exporter_prometheus::PrometheusBuilder;
use stagedoor_domain::ports::WebhookAnswer;
use stagedoor_domain::webhook::{DeliveryState, JITTER_MAX, NoAnswer};

use super::*;
use crate::testing::{NOW, log};
use scene::{Call, Scene, event_id, id, secrets, status};

const SECOND: Duration = Duration::from_secs(1);
const MILLISECOND: Duration = Duration::from_millis(1);

#[tokio::test(start_paused = true)]
async fn what_is_claimed_is_sent_once_and_recorded_with_its_answer_and_its_attempt() {
    let mut scene = Scene::new();
    scene.due(1, 10);
    scene.due(2, 10);
    scene.due(2, 11);
    scene.model().begun_before(2, 11, 6);
    scene.answers(2, |receiver| receiver.answer = status(503, Some(7)));

    scene.run_for(4 * SECOND).await;

    let sent: BTreeSet<_> =
        scene.sent().into_iter().map(|it| (it.url.as_str().to_owned(), it.id, it.body)).collect();
    let url = |webhook: u128| format!("https://{webhook}.example/hook?token=hidden");
    let told = |event: u128| (event_id(event).to_string(), format!("told {event}"));
    let expected = [(1, 10), (2, 10), (2, 11)].map(|(webhook, event)| {
        let (id, body) = told(event);
        (url(webhook), id, body)
    });
    assert_eq!(sent, BTreeSet::from(expected));
    assert_eq!(scene.sent().len(), 3, "each once");
    let recorded: BTreeSet<_> = scene.recorded().iter().map(facts).collect();
    let retry = Some(time::Duration::seconds(7));
    let expected = [
        (id(1), event_id(10), 1, Ok(200), None),
        (id(2), event_id(10), 1, Ok(503), retry),
        (id(2), event_id(11), 7, Ok(503), retry),
    ];
    assert_eq!(recorded.len(), 3);
    for fact in expected {
        assert!(recorded.iter().any(|it| *it == key(fact)), "{fact:?} is not in {recorded:?}");
    }
}

type Fact = (WebhookId, EventId, i32, Result<u16, NoAnswer>, Option<time::Duration>);

fn key((webhook, event, attempt, answer, retry_after): Fact) -> String {
    format!("{webhook} {event} {attempt} {answer:?} {retry_after:?}")
}

fn facts(it: &RecordAttempt) -> String {
    key((it.webhook_id, it.event_id, it.attempt, it.answer, it.retry_after))
}

#[tokio::test(start_paused = true)]
async fn a_message_is_signed_at_the_time_it_is_sent_by_the_secrets_of_that_time() {
    let mut scene = Scene::new();
    scene.due(1, 10);
    scene.answers(1, |receiver| receiver.answer = status(500, None));

    scene.run_for(40 * SECOND).await;

    let sent = scene.sent();
    let (first, last) = (&sent[0], &sent[sent.len() - 1]);
    assert_eq!(first.at, NOW);
    assert_eq!(first.secrets, secrets(2), "the old secret signs until 10 s later");
    assert!(last.at >= NOW + 10 * SECOND, "{}", last.at);
    assert_eq!(last.secrets, secrets(1));
    assert_eq!(first.id, last.id, "a receiver knows a repetition");
}

#[tokio::test(start_paused = true)]
async fn a_slow_receiver_does_not_hold_up_another() {
    let mut scene = Scene::new();
    (0..20).for_each(|event| scene.due(1, event));
    (0..40).for_each(|event| scene.due(2, event));
    scene.answers(1, |receiver| receiver.delay = 9 * SECOND);
    scene.answers(2, |receiver| receiver.delay = 10 * MILLISECOND);

    scene.run_for(8 * SECOND).await;

    assert_eq!(scene.delivered(2), 40, "while the other one has answered nothing");
    assert_eq!(scene.delivered(1), 0);
    assert!(scene.took(2) < SECOND, "{:?}", scene.took(2));
}

#[tokio::test(start_paused = true)]
async fn a_webhook_has_never_more_than_eight_attempts_under_way() {
    let mut scene = Scene::new();
    (0..30).for_each(|event| scene.due(1, event));
    scene.answers(1, |receiver| receiver.delay = 3 * SECOND);

    scene.run_for(14 * SECOND).await;

    assert_eq!(scene.most_at_once(1), 8);
    assert_eq!(scene.delivered(1), 30);
    assert!(scene.model().claims.iter().all(|claim| claim.most == 8));
}

#[tokio::test(start_paused = true)]
async fn attempts_that_are_not_recorded_yet_count_as_under_way() {
    let mut scene = Scene::new();
    (0..9).for_each(|event| scene.due(1, event));
    scene.model().fails(Call::Record, 20);

    scene.run_for(5 * SECOND).await;
    assert_eq!(scene.sent().len(), 8, "one waits until the others are recorded");
    scene.run_for(10 * SECOND).await;

    assert_eq!((scene.sent().len(), scene.delivered(1)), (9, 9));
}

#[tokio::test(start_paused = true)]
async fn with_sixty_four_attempts_under_way_no_more_are_begun() {
    let mut scene = Scene::new();
    for webhook in 1..=8 {
        (0..9).for_each(|event| scene.due(webhook, event));
        scene.answers(webhook, |receiver| receiver.delay = 9 * SECOND);
    }

    scene.run_for(8 * SECOND).await;

    assert_eq!(scene.model().claims.len(), 1);
    scene.run_for(20 * SECOND).await;
    assert_eq!((1..=8).map(|webhook| scene.delivered(webhook)).sum::<usize>(), 72);
}

#[tokio::test(start_paused = true)]
async fn one_claim_of_many_webhooks_opens_a_bounded_number_of_connections() {
    let mut scene = Scene::new();
    for webhook in 1..=50 {
        (0..8).for_each(|event| scene.due(webhook, event));
        scene.answers(webhook, |receiver| receiver.delay = 9 * SECOND);
    }

    scene.run_for(300 * SECOND).await;

    assert_eq!(scene.most_connections(), 64);
    assert_eq!((1..=50).map(|webhook| scene.delivered(webhook)).sum::<usize>(), 400);
    assert_eq!(scene.sent().len(), 400, "what has no turn within its lease is not sent");
}

#[tokio::test(start_paused = true)]
async fn what_has_ended_is_recorded_and_the_next_is_claimed_before_the_interval_ends() {
    let mut scene = Scene::new();
    (0..100).for_each(|event| scene.due(1, event));
    scene.answers(1, |receiver| receiver.delay = MILLISECOND);

    scene.run_for(100 * MILLISECOND).await;

    assert_eq!(scene.delivered(1), 100);
    let fan_outs = scene.model().fan_outs;
    assert_eq!(fan_outs, 1, "new events are looked for in each interval");
    assert!(scene.model().records.len() < 50, "attempts that end together share a transaction");
}

#[tokio::test(start_paused = true)]
async fn events_are_fanned_out_at_once_until_fewer_are_new_than_one_transaction_takes() {
    let mut scene = Scene::new();
    scene.model().new_events = 2 * FanOutEvents::EVENTS_MAX + 1;

    scene.run_for(100 * MILLISECOND).await;
    assert_eq!(scene.asked(|model| (model.new_events, model.fan_outs)), (0, 3));
    scene.run_for(2 * SECOND).await;

    assert_eq!(scene.model().fan_outs, 7, "four intervals later");
}

#[tokio::test(start_paused = true)]
async fn attempts_that_end_all_the_time_do_not_hold_up_new_events() {
    let mut scene = Scene::new();
    (0..10_000).for_each(|event| scene.due(1, event));
    scene.answers(1, |receiver| receiver.delay = MILLISECOND);

    scene.run_for(1_100 * MILLISECOND).await;

    assert!(scene.delivered(1) < 10_000);
    assert_eq!(scene.model().fan_outs, 3);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_is_asked_again_by_the_next_run_and_nothing_is_lost() {
    let table = [
        (Call::FanOut, SECOND),
        (Call::Claim, SECOND),
        (Call::Record, SECOND),
        (Call::ReadEvents, 61 * SECOND),
    ];
    for (call, time) in table {
        let mut scene = Scene::new();
        scene.model().new_events = 3;
        scene.due(1, 10);
        scene.model().fails(call, 1);

        scene.run_for(time).await;

        let new_events = scene.model().new_events;
        assert_eq!((new_events, scene.delivered(1)), (0, 1), "{call:?}");
        assert_eq!(scene.sent().len(), 1, "{call:?}: a failure to record sends nothing again");
    }
}

#[tokio::test(start_paused = true)]
async fn events_that_cannot_be_fanned_out_do_not_hold_up_deliveries() {
    let mut scene = Scene::new();
    scene.due(1, 10);
    scene.model().fails(Call::FanOut, usize::MAX);

    scene.run_for(SECOND).await;

    assert_eq!(scene.delivered(1), 1);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_recorded_for_as_long_as_a_lease_is_sent_again() {
    let mut scene = Scene::new();
    scene.due(1, 10);
    scene.model().fails(Call::Record, 130);

    scene.run_for(70 * SECOND).await;

    assert_eq!((scene.sent().len(), scene.delivered(1)), (2, 1));
    let attempts: Vec<_> = scene.recorded().iter().map(|it| it.attempt).collect();
    assert_eq!(attempts, [2]);
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_store_does_not_end_the_loop() {
    let mut scene = Scene::new();
    scene.due(1, 10);
    scene.model().panics = true;

    scene.run_for(SECOND).await;

    assert_eq!(scene.delivered(1), 1);
}

#[tokio::test(start_paused = true)]
async fn a_body_or_a_sender_that_panics_is_recorded_as_a_failure_and_the_loop_goes_on() {
    let mut scene = Scene::new();
    scene.due(1, scene::PANICS);
    scene.due(2, 10);
    scene.due(3, 11);
    scene.answers(2, |receiver| receiver.panics = true);

    scene.run_for(4 * SECOND).await;

    assert_eq!(scene.delivered(3), 1);
    for webhook in [1, 2] {
        let recorded = scene.recorded_of(webhook);
        assert_eq!(recorded.len(), 1, "of {webhook}");
        assert_eq!(recorded[0].answer, Err(NoAnswer::Connection), "of {webhook}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_kept_no_longer_is_not_sent_and_its_delivery_fails_after_three_days() {
    let mut scene = Scene::new();
    scene.due(1, 10);
    scene.model().events.clear();
    scene.interval = 60 * SECOND;

    scene.run_for(4 * 24 * 3_600 * SECOND).await;

    assert!(scene.sent().is_empty());
    let recorded = scene.recorded_of(1);
    assert!(recorded.iter().all(|it| it.answer == Err(NoAnswer::Connection)));
    assert!(recorded.len() < 20, "{}", recorded.len());
    assert_eq!(scene.model().deliveries[0].1.state, DeliveryState::Failed);
}

#[tokio::test(start_paused = true)]
async fn a_sender_that_does_not_end_in_time_is_recorded_as_a_timeout() {
    let mut scene = Scene::new();
    scene.due(1, 10);
    scene.answers(1, |receiver| receiver.delay = 3_600 * SECOND);

    scene.run_for(16 * SECOND).await;

    assert_eq!(scene.recorded_of(1)[0].answer, Err(NoAnswer::Timeout));
}

#[tokio::test(start_paused = true)]
async fn a_receiver_may_ask_for_days_but_not_for_ever() {
    let mut scene = Scene::new();
    (1..=3).for_each(|webhook| scene.due(webhook, 10));
    for (webhook, seconds) in [(1, 86_400), (2, 30 * 86_400), (3, u64::MAX)] {
        scene.answers(webhook, |receiver| receiver.answer = status(429, Some(seconds)));
    }

    scene.run_for(SECOND).await;

    let asked = |webhook| scene.recorded_of(webhook)[0].retry_after.unwrap().whole_days();
    assert_eq!([asked(1), asked(2), asked(3)], [1, 3, 3]);
}

#[tokio::test(start_paused = true)]
async fn the_jitter_of_attempts_is_random_and_bounded() {
    let mut scene = Scene::new();
    (0..50).for_each(|event| scene.due(1, event));

    scene.run_for(SECOND).await;

    let jitters: BTreeSet<_> = scene.recorded().iter().map(|it| it.jitter).collect();
    assert!(jitters.len() > 10 && jitters.iter().all(|it| *it <= JITTER_MAX), "{jitters:?}");
    assert!(jitters.iter().any(|it| *it > JITTER_MAX / 2), "{jitters:?}");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_claimed_while_the_time_is_not_sure() {
    let mut scene = Scene::new();
    scene.due(1, 10);
    scene.is_sure(false);

    scene.run_for(2 * SECOND).await;
    assert_eq!(scene.asked(|model| (model.fan_outs, model.claims.len())), (0, 0));
    scene.is_sure(true);
    scene.run_for(SECOND).await;

    assert_eq!(scene.delivered(1), 1);
}

#[tokio::test(start_paused = true)]
async fn at_a_stop_nothing_more_is_claimed_and_attempts_under_way_are_awaited_and_recorded() {
    let mut scene = Scene::new();
    (0..20).for_each(|event| scene.due(1, event));
    scene.answers(1, |receiver| receiver.delay = 9 * SECOND);
    scene.run_for(SECOND).await;

    let took = scene.stop().await;

    assert_eq!(took, 8 * SECOND);
    assert_eq!((scene.sent().len(), scene.delivered(1)), (8, 8));
}

#[tokio::test(start_paused = true)]
async fn at_a_stop_attempts_that_take_too_long_are_left_to_another_process() {
    let mut scene = Scene::new();
    scene.due(1, 10);
    scene.due(2, 10);
    scene.answers(1, |receiver| receiver.delay = 14 * SECOND);
    scene.answers(2, |receiver| receiver.delay = 3 * SECOND);
    scene.run_for(SECOND).await;

    let took = scene.stop().await;

    assert_eq!(took, ATTEMPT_TIME_MAX);
    assert_eq!((scene.delivered(1), scene.delivered(2)), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn at_a_stop_attempts_without_a_turn_are_not_begun() {
    let mut scene = Scene::new();
    for webhook in 1..=20 {
        (0..8).for_each(|event| scene.due(webhook, event));
        scene.answers(webhook, |receiver| receiver.delay = 5 * SECOND);
    }
    scene.run_for(SECOND).await;

    let took = scene.stop().await;

    assert_eq!((took, scene.sent().len(), scene.recorded().len()), (4 * SECOND, 64, 64));
}

#[tokio::test(start_paused = true)]
async fn attempts_are_counted_and_logged_without_address_body_and_secret() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    let _recording = metrics::set_default_local_recorder(&recorder);
    let (log, _logging) = log(tracing::Level::TRACE);
    let mut scene = Scene::new();
    let table = [
        ("delivered", status(204, None)),
        ("refused", status(302, None)),
        ("gone", status(410, None)),
        ("unknown_host", WebhookAnswer::None(NoAnswer::UnknownHost)),
        ("private_address", WebhookAnswer::None(NoAnswer::PrivateAddress)),
        ("connection", WebhookAnswer::None(NoAnswer::Connection)),
        ("certificate", WebhookAnswer::None(NoAnswer::Certificate)),
        ("timeout", WebhookAnswer::None(NoAnswer::Timeout)),
    ];
    for (webhook, (_, answer)) in (1..).zip(&table) {
        scene.due(webhook, 10);
        scene.answers(webhook, |receiver| receiver.answer = answer.clone());
    }
    scene.due(100, scene::PANICS);

    scene.run_for(SECOND).await;

    let (metrics, log) = (handle.render(), log.text());
    for (webhook, outcome) in (1..).zip(table.iter().map(|(name, _)| name)) {
        let line = format!("stagedoor_webhook_attempts_total{{outcome=\"{outcome}\"}} 1");
        assert!(metrics.contains(&line), "{line} is not in {metrics}");
        let told = |line: &&str| line.contains(&id(webhook).to_string()) && line.contains(outcome);
        assert_eq!(log.lines().filter(told).count(), 1, "{outcome} in {log}");
    }
    assert!(metrics.contains("outcome=\"panicked\"} 1"), "{metrics}");
    assert!(metrics.contains("stagedoor_periodic_job_runs_total{job=\"webhooks\""), "{metrics}");
    for secret in ["example", "hidden", "told"] {
        assert!(!log.contains(secret), "{secret} is in {log}");
    }
}
