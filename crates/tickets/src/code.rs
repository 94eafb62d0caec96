//! Codes of tickets: what a door reads, and verifies with the public keys alone.

use stagedoor_domain::ports::SignedTicket;
use stagedoor_domain::{ScheduleId, Ticket, TicketNumber};
use uuid::Uuid;

use crate::keys::{SIGNATURE_BYTES, TicketKeys};

/// What every code begins with: its form and the version of it.
const PREFIX: &str = "SD1";
/// What is signed begins with this, so that no signature for another purpose is one of a ticket.
const PURPOSE: &[u8] = b"stagedoor ticket 1";
/// The mark of the key, the number of the ticket and the id of the schedule.
const SIGNED_BYTES: usize = 1 + NUMBER_BYTES + 16;
/// A number is below 2^50.
const NUMBER_BYTES: usize = 7;
const BYTES: usize = SIGNED_BYTES + SIGNATURE_BYTES;
/// Base 45 writes two bytes as three letters.
const LETTERS: usize = PREFIX.len() + BYTES / 2 * 3;

impl TicketKeys {
    /// The code of a ticket, signed by the first key: `SD1`, then in base 45 (RFC 9285)
    ///
    /// | bytes | what |
    /// |---|---|
    /// | 1 | the first byte of the key's thumbprint |
    /// | 7 | the ticket's number, the highest byte first |
    /// | 16 | the id of its schedule |
    /// | 64 | the signature of `stagedoor ticket 1` followed by the 24 bytes before it |
    ///
    /// It has 135 letters, all of the alphanumeric mode of QR codes. The code of a ticket is always the same.
    pub fn sign(&self, ticket: &Ticket) -> String {
        let key = self.first();
        let mut bytes = Vec::with_capacity(BYTES);
        bytes.push(key.mark());
        let number = ticket.number.get().to_be_bytes();
        bytes.extend_from_slice(&number[number.len() - NUMBER_BYTES..]);
        bytes.extend_from_slice(ticket.schedule_id.0.as_bytes());
        let signature = key.sign(&[PURPOSE, &bytes].concat());
        bytes.extend_from_slice(&signature);
        format!("{PREFIX}{}", base45::encode(bytes))
    }

    /// What a code says, if one of the keys signed it. Each code has one form: any other text is refused.
    pub fn verify(&self, code: &str) -> Option<SignedTicket> {
        if code.len() != LETTERS {
            return None;
        }
        let bytes = base45::decode(code.strip_prefix(PREFIX)?).ok()?;
        let (signed, signature) = bytes.split_at_checked(SIGNED_BYTES)?;
        let (mark, signed_ticket) = signed.split_first()?;
        let message = [PURPOSE, signed].concat();
        if !self.with_mark(*mark).any(|key| key.has_signed(&message, signature)) {
            return None;
        }
        let (number, schedule_id) = signed_ticket.split_at_checked(NUMBER_BYTES)?;
        let number = number.iter().fold(0, |number, byte| number << 8 | i64::from(*byte));
        Some(SignedTicket {
            number: TicketNumber::stored(number)?,
            schedule_id: ScheduleId(Uuid::from_slice(schedule_id).ok()?),
        })
    }
}

#[cfg(test)]
pub(crate) mod tests;
