//! Following a link of an e-mail.

use serde::{Deserialize, Serialize};

use crate::mail::{TokenDigest, TokenRefused};
use crate::{
    Command, Corrupt, DecideError, Decided, Instant, MailKind, MailToken, Needs, NoKey, User,
    UserId, WorkingSet,
};

/// Confirms that a user's e-mail address is the user's (rule 23). A link that is followed again has done it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyEmail {
    /// The digest of the link's token.
    pub digest: TokenDigest,
}

/// Replaces a password without the old one and ends all sessions of the user in the same step (rule 23). It confirms the
/// e-mail address too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetPassword {
    /// The digest of the link's token.
    pub digest: TokenDigest,
    /// The Argon2id hash of the new password.
    pub password_hash: String,
}

/// Whose password was reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordWasReset {
    /// Who.
    pub user_id: UserId,
    /// The version of the user's sessions from now on.
    pub version: i64,
}

impl Command for VerifyEmail {
    type Success = ();
    type Refusal = TokenRefused;
    type Key = NoKey;
    const NAME: &'static str = "verify_email";

    fn needs(&self, needs: &mut Needs) {
        needs.mail_tokens.insert(self.digest.clone());
    }

    fn needs_besides(
        &self,
        set: &WorkingSet,
        _: Instant,
        needs: &mut Needs,
    ) -> Result<(), Corrupt> {
        need_user(set, &self.digest, needs)
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let mut user = user_of(set, &self.digest, MailKind::VerifyAddress, now)?;
        if user.contact.verified_at.is_none() {
            user.contact.verified_at = Some(now);
            set.replace(user)?;
        }
        Ok(())
    }
}

impl Command for ResetPassword {
    type Success = PasswordWasReset;
    type Refusal = TokenRefused;
    type Key = NoKey;
    const NAME: &'static str = "reset_password";

    fn needs(&self, needs: &mut Needs) {
        needs.mail_tokens.insert(self.digest.clone());
    }

    fn needs_besides(
        &self,
        set: &WorkingSet,
        _: Instant,
        needs: &mut Needs,
    ) -> Result<(), Corrupt> {
        need_user(set, &self.digest, needs)
    }

    fn decide(&self, set: &mut WorkingSet, now: Instant) -> Decided<Self> {
        let mut user = user_of(set, &self.digest, MailKind::ResetPassword, now)?;
        user.password_hash.clone_from(&self.password_hash);
        user.contact.verified_at = user.contact.verified_at.or(Some(now));
        let reset = PasswordWasReset { user_id: user.id, version: user.end_sessions(now) };
        set.replace(user)?;
        Ok(reset)
    }
}

fn need_user(set: &WorkingSet, digest: &TokenDigest, needs: &mut Needs) -> Result<(), Corrupt> {
    needs.users.extend(set.get::<MailToken>(digest)?.map(|token| token.user_id));
    Ok(())
}

/// A copy of the user whom a token allows to do what e-mails of a kind tell.
fn user_of(
    set: &WorkingSet,
    digest: &TokenDigest,
    kind: MailKind,
    now: Instant,
) -> Result<User, DecideError<TokenRefused>> {
    let token = set.get::<MailToken>(digest)?.ok_or(TokenRefused)?;
    let user = set.require::<User>(&token.user_id)?;
    token.check(kind, user, now)?;
    Ok(user.clone())
}
