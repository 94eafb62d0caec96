//! Sending e-mail: beginning attempts, and recording what became of them.

use serde::{Deserialize, Serialize};

use crate::mail::{MailOutcome, MailState, Recipient, TokenDigest};
use crate::{
    Command, Corrupt, Decided, Instant, Mail, MailId, MailToken, Needs, NeverRefused, NoKey, User,
    WorkingSet,
};

/// Begins attempts to send e-mails that are due, so that no other process begins them too (rule 23): as many as there are
/// digests. An e-mail with a link gets a token of its own for each attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimMails {
    /// The digests of new tokens, each of which is used at most once.
    pub digests: Vec<TokenDigest>,
}

/// An e-mail of which an attempt was begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimedMail {
    /// Which.
    pub mail: Mail,
    /// To whom.
    pub to: Recipient,
    /// The digest of its link's token, if it has a link.
    pub digest: Option<TokenDigest>,
}

/// Records what became of an attempt to send an e-mail (rule 23). One that another process has taken over is not
/// recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordMail {
    /// Of which e-mail.
    pub id: MailId,
    /// Which attempt: [`Mail::attempts`] when it was begun.
    pub attempt: i32,
    /// What became of it.
    pub outcome: MailOutcome,
    /// Thousandths, by which the next attempt is later.
    pub jitter: u16,
}

impl Command for ClaimMails {
    type Success = Vec<ClaimedMail>;
    type Refusal = NeverRefused;
    type Key = NoKey;
    const NAME: &'static str = "claim_mails";

    fn needs(&self, needs: &mut Needs) {
        needs.due_mails += self.digests.len();
    }

    fn needs_besides(
        &self,
        set: &WorkingSet,
        now: Instant,
        needs: &mut Needs,
    ) -> Result<(), Corrupt> {
        let due = set.due_mails(now)?;
        needs.users_read.extend(due.iter().map(|mail| mail.user_id));
        Ok(())
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let mut claimed = Vec::new();
        for (mut mail, digest) in set.due_mails(now)?.into_iter().zip(&self.digests) {
            let user = set.require::<User>(&mail.user_id)?.clone();
            if user.is_deleted() {
                set.replace(Mail { state: MailState::Failed, ..mail })?;
                continue;
            }
            mail.begin(now);
            set.replace(mail)?;
            let token = mail.kind.token_time().map(|time| MailToken {
                digest: digest.clone(),
                user_id: user.id,
                kind: mail.kind,
                session_version: user.sessions.version,
                expires_at: now + time,
            });
            let digest = token.as_ref().map(|token| token.digest.clone());
            token.into_iter().for_each(|token| set.insert(token));
            let to =
                Recipient { name: user.name, email: user.email, language: user.contact.language };
            claimed.push(ClaimedMail { mail, to, digest });
        }
        Ok(claimed)
    }
}

impl Command for RecordMail {
    /// Whether it was recorded.
    type Success = bool;
    type Refusal = NeverRefused;
    type Key = NoKey;
    const NAME: &'static str = "record_mail";

    fn needs(&self, needs: &mut Needs) {
        needs.mails.insert(self.id);
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let found = set.get::<Mail>(&self.id)?.copied();
        let begun = found.filter(|it| it.attempts == self.attempt && it.due_at().is_some());
        let Some(mut mail) = begun else { return Ok(false) };
        mail.record(self.outcome, self.jitter, now);
        set.replace(mail)?;
        Ok(true)
    }
}
