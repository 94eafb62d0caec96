//! Asking for an e-mail about one's account.

use crate::mail::Language;
use crate::{
    Command, Corrupt, Decided, Instant, Mail, MailKind, Needs, NeverRefused, NoKey, User, UserId,
    WorkingSet,
};

/// Writes an e-mail by which a user confirms the address (rule 23). Nothing is written if it is confirmed, or if one was
/// written in the same minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskForVerification {
    /// Who.
    pub user_id: UserId,
    /// The language of this and of later e-mails.
    pub language: Language,
}

/// Writes an e-mail by which a user sets a new password without the old one (rule 23). Nothing is written for a user who
/// does not exist or has no password, or if one was written in the same minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskForPasswordReset {
    /// Who.
    pub user_id: UserId,
}

impl Command for AskForVerification {
    type Success = ();
    type Refusal = NeverRefused;
    type Key = NoKey;
    const NAME: &'static str = "ask_for_verification";

    fn needs(&self, needs: &mut Needs) {
        needs.users.insert(self.user_id);
    }

    fn needs_besides(
        &self,
        _: &WorkingSet,
        now: Instant,
        needs: &mut Needs,
    ) -> Result<(), Corrupt> {
        needs.mails.insert(Mail::of_account(self.user_id, MailKind::VerifyAddress, now).id);
        Ok(())
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let user = set.get::<User>(&self.user_id)?;
        let is_open = |user: &&User| !user.is_deleted() && user.contact.verified_at.is_none();
        let Some(user) = user.filter(is_open) else { return Ok(()) };
        if user.contact.language != self.language {
            let mut user = user.clone();
            user.contact.language = self.language;
            set.replace(user)?;
        }
        write(set, self.user_id, MailKind::VerifyAddress, now)?;
        Ok(())
    }
}

impl Command for AskForPasswordReset {
    type Success = ();
    type Refusal = NeverRefused;
    type Key = NoKey;
    const NAME: &'static str = "ask_for_password_reset";

    fn needs(&self, needs: &mut Needs) {
        needs.users.insert(self.user_id);
    }

    fn needs_besides(
        &self,
        _: &WorkingSet,
        now: Instant,
        needs: &mut Needs,
    ) -> Result<(), Corrupt> {
        needs.mails.insert(Mail::of_account(self.user_id, MailKind::ResetPassword, now).id);
        Ok(())
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let user = set.get::<User>(&self.user_id)?;
        if user.is_some_and(|user| user.has_password()) {
            write(set, self.user_id, MailKind::ResetPassword, now)?;
        }
        Ok(())
    }
}

fn write(
    set: &mut WorkingSet,
    user_id: UserId,
    kind: MailKind,
    now: Instant,
) -> Result<(), Corrupt> {
    let mail = Mail::of_account(user_id, kind, now);
    if set.get::<Mail>(&mail.id)?.is_none() {
        set.insert(mail);
    }
    Ok(())
}
