//! E-mail addresses.

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use serde::{Deserialize, Serialize};

use crate::UserId;
use crate::invalid::{Invalid, Rule, folded, is_ignorable, leaves_a_mark, stored_line, visible};

/// An e-mail address in the one form in which all its spellings are kept, compared and counted: 3 to
/// 254 bytes, as RFC 5321 section 4.5.3.1.3 allows.
///
/// The part before the `@` is in lower case and in NFKC. The host is in the ASCII form of IDNA (UTS 46).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    const BYTES_MAX: usize = 254;
    /// The most that is read: normal forms and Punycode of longer text would cost too much.
    const READ_BYTES_MAX: usize = 1_000;

    /// Parses an address: one `@` with something before it and a dotless or dotted host after it, no
    /// space and no control characters. Characters that show nothing and the space around it are
    /// dropped. Only a message sent to it could tell more.
    ///
    /// # Errors
    /// Names the field `email`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text: String = visible(text).chars().filter(|c| !is_ignorable(*c)).collect();
        Self::of_visible(text.trim()).ok_or(Invalid::new("email", Rule::Email))
    }

    fn of_visible(text: &str) -> Option<Self> {
        if text.len() > Self::READ_BYTES_MAX {
            return None;
        }
        let text = folded(text);
        if !text.chars().all(leaves_a_mark) {
            return None;
        }
        let (local, host) = text.split_once('@')?;
        let host =
            Uts46::new().to_ascii(host.as_bytes(), ANY_ASCII, Hyphens::Allow, DnsLength::Ignore);
        let host = host.ok()?;
        let host = host.trim_end_matches('.');
        let email = format!("{local}@{host}");
        let is_sound = !local.is_empty()
            && local.len() <= 64
            && !host.is_empty()
            && email.len() <= Self::BYTES_MAX
            && email.matches('@').count() == 1
            && email.chars().all(leaves_a_mark);
        is_sound.then_some(Self(email))
    }

    /// The address of a user whose account was deleted: no person's, and no other user's.
    pub(crate) fn of_deleted(id: UserId) -> Self {
        Self(format!("{id}@deleted.invalid"))
    }

    /// Takes an address from a store, as an older version took it.
    ///
    /// # Errors
    /// Names the field `email`.
    pub fn stored(text: &str) -> Result<Self, Invalid> {
        stored_line(text, "email", 3, Self::BYTES_MAX).map(Self)
    }

    /// The address in every form in which a store may have it: as older versions took what was
    /// written, if that is another form, and the form of today, which is last. None if no version
    /// would have taken it.
    pub fn forms(text: &str) -> Vec<Self> {
        let former = visible(text).to_lowercase();
        let former = Self::stored(&former).ok().filter(|former| former.0.contains('@'));
        let mut forms: Vec<_> = former.into_iter().chain(Self::parse(text)).collect();
        forms.dedup();
        forms
    }

    /// What stands for an account in limits: all that is written for one address has one key.
    pub fn key(text: &str) -> String {
        Self::forms(text).pop().map_or_else(|| text.to_owned(), |email| email.0)
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Hosts of any ASCII characters: a name within a network has other rules than one of the DNS.
const ANY_ASCII: AsciiDenyList = AsciiDenyList::EMPTY;
