use std::sync::Mutex;

use stagedoor_domain::mail::{Language, Recipient};
use stagedoor_domain::ports::{
    MailMessage, MockExecute, MockSendMail, MockShowTickets, MockTickets, StoppedClock,
    TicketDetails,
};
use stagedoor_domain::{Email, Instant, Mail, MailKind, Page, PersonName, UserId};
use stagedoor_http::LocalTime;
use uuid::Uuid;

use super::*;

const NOW: Instant = Instant::UNIX_EPOCH;

/// The first attempt of one e-mail, in English.
fn claimed(kind: MailKind, digests: &[stagedoor_domain::mail::TokenDigest]) -> ClaimedMail {
    let mut mail = Mail::of_account(UserId(Uuid::from_u128(1)), kind, NOW);
    mail.begin(NOW);
    ClaimedMail {
        mail,
        to: Recipient {
            name: PersonName::parse("<Kim>").unwrap(),
            email: Email::parse("fan@example.com").unwrap(),
            language: Language::En,
        },
        digest: kind.token_time().map(|_| digests[3].clone()),
    }
}

/// A store with one e-mail of a kind that is due, and what is recorded of it.
fn ports(kind: MailKind, sender: MockSendMail) -> (MailerPorts, Arc<Mutex<Vec<RecordMail>>>) {
    let mut claim = MockExecute::<ClaimMails>::new();
    claim
        .expect_execute()
        .returning(move |asked, _| Ok(vec![Ok(vec![claimed(kind, &asked[0].command.digests)])]));
    let recorded = Arc::new(Mutex::new(Vec::new()));
    let mut record = MockExecute::<RecordMail>::new();
    let notes = Arc::clone(&recorded);
    record.expect_execute().returning(move |ended, _| {
        notes.lock().unwrap().extend(ended.iter().map(|ended| ended.command.clone()));
        Ok(ended.iter().map(|_| Ok(true)).collect())
    });
    let mut tickets = MockTickets::new();
    let no_tickets = Page::<TicketDetails, _> { items: Vec::new(), next: None };
    tickets.expect_tickets().returning(move |_, _, _, _| Ok(no_tickets.clone()));
    let letters = Letters {
        tickets: Arc::new(tickets),
        show_tickets: Arc::new(MockShowTickets::new()),
        clock: Arc::new(StoppedClock(NOW)),
        local_time: LocalTime::of_zone("Asia/Seoul").unwrap(),
        public_url: "https://c.test".to_owned(),
    };
    let ports = MailerPorts {
        claim: Arc::new(claim),
        record: Arc::new(record),
        letters,
        sender: Arc::new(sender),
        clock: Arc::new(StoppedClock(NOW)),
    };
    (ports, recorded)
}

fn mailer(ports: MailerPorts) -> Mailer {
    let interval = Duration::from_secs(1);
    Mailer::new(ports, MailerTimes { interval, stop_time_max: ATTEMPT_TIME_MAX })
}

fn answering(answer: MailAnswer) -> MockSendMail {
    let mut sender = MockSendMail::new();
    sender.expect_send().returning(move |_| answer);
    sender
}

#[tokio::test]
async fn a_link_has_the_token_of_which_the_store_got_the_digest() {
    let sent = Arc::new(Mutex::new(None::<MailMessage>));
    let mut sender = MockSendMail::new();
    let notes = Arc::clone(&sent);
    sender.expect_send().times(1).returning(move |message| {
        *notes.lock().unwrap() = Some(message.clone());
        MailAnswer::Taken
    });
    let (ports, recorded) = ports(MailKind::ResetPassword, sender);

    assert_eq!(mailer(ports).send_some().await, Ok(1));

    let message = sent.lock().unwrap().take().unwrap();
    let link = message.text.lines().find(|line| line.starts_with("https://c.test/")).unwrap();
    let token = link.strip_prefix("https://c.test/pages/reset-password#").unwrap();
    assert_eq!(token.len(), 43);
    assert!(message.html.contains(&format!("<a href=\"{link}\">")), "{}", message.html);
    assert!(message.html.contains("Hello &lt;Kim&gt;,"), "{}", message.html);
    assert_eq!(message.subject, "Set a new password");
    let recorded = recorded.lock().unwrap();
    assert_eq!((recorded[0].attempt, recorded[0].outcome), (1, MailOutcome::Sent));
    assert_eq!(message.id, recorded[0].id.to_string());
}

#[tokio::test]
async fn only_a_refusal_of_the_e_mail_is_final() {
    for (answer, outcome) in [
        (MailAnswer::Taken, MailOutcome::Sent),
        (MailAnswer::Refused { code: 550 }, MailOutcome::Refused),
        (MailAnswer::Deferred { code: 451 }, MailOutcome::Postponed),
        (MailAnswer::None(NoMailAnswer::Connection), MailOutcome::Postponed),
        (MailAnswer::None(NoMailAnswer::Tls), MailOutcome::Postponed),
        (MailAnswer::None(NoMailAnswer::Credentials), MailOutcome::Postponed),
        (MailAnswer::None(NoMailAnswer::Timeout), MailOutcome::Postponed),
    ] {
        let (ports, recorded) = ports(MailKind::VerifyAddress, answering(answer));

        mailer(ports).send_some().await.unwrap();

        assert_eq!(recorded.lock().unwrap()[0].outcome, outcome, "{answer:?}");
    }
}

#[tokio::test]
async fn a_sender_that_panics_is_tried_again_and_what_is_gone_is_not_told() {
    let mut panics = MockSendMail::new();
    panics.expect_send().returning(|_| panic!("a defect"));
    for (kind, sender, outcome) in [
        (MailKind::VerifyAddress, panics, MailOutcome::Postponed),
        (MailKind::Tickets, MockSendMail::new(), MailOutcome::Refused),
    ] {
        let (ports, recorded) = ports(kind, sender);

        mailer(ports).send_some().await.unwrap();

        assert_eq!(recorded.lock().unwrap()[0].outcome, outcome, "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_waits_a_bounded_time_for_attempts_under_way() {
    struct Silent;
    #[async_trait::async_trait]
    impl SendMail for Silent {
        async fn send(&self, _: &MailMessage) -> MailAnswer {
            std::future::pending().await
        }
    }
    let (ports, recorded) = ports(MailKind::VerifyAddress, MockSendMail::new());
    let ports = MailerPorts { sender: Arc::new(Silent), ..ports };
    let times =
        MailerTimes { interval: Duration::from_secs(1), stop_time_max: Duration::from_secs(8) };
    let stop = CancellationToken::new();
    let running = Mailer::new(ports, times).start(stop.clone());
    tokio::task::yield_now().await;
    let begun = tokio::time::Instant::now();

    stop.cancel();
    running.await.unwrap();

    assert_eq!(begun.elapsed().as_secs(), 8);
    assert!(recorded.lock().unwrap().is_empty());
}
