//! A message in the form of RFC 5322 and MIME.

use std::time::SystemTime;

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};
use stagedoor_domain::ports::{MailFile, MailMessage};

use crate::MailFrom;

/// Tells other programs that no person wrote it, so that none of them answers it (RFC 3834).
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");

/// Why no message can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unwritable {
    /// The recipient's address has a form that is not allowed in e-mail.
    Address,
    /// A defect: the type of a file is not a media type, or a header is missing.
    Content,
}

/// The message with its envelope. All of it is ASCII if the recipient's address is.
pub(crate) fn written(message: &MailMessage, from: &MailFrom) -> Result<Message, Unwritable> {
    let (local, host) = message.email.as_str().split_once('@').ok_or(Unwritable::Address)?;
    let address = Address::new(local, host).map_err(|_| Unwritable::Address)?;
    let headers = Message::builder()
        .from(from.0.clone())
        .to(Mailbox::new(Some(message.name.as_str().to_owned()), address))
        .date(SystemTime::from(message.at))
        .message_id(Some(format!("<{}@{}>", message.id, from.0.email.domain())))
        .subject(&message.subject)
        .raw_header(HeaderValue::new(AUTO_SUBMITTED, "auto-generated".to_owned()));
    headers.multipart(parts(message)?).map_err(|_| Unwritable::Content)
}

/// Text and HTML, the latter with its images, and then the files to save.
fn parts(message: &MailMessage) -> Result<MultiPart, Unwritable> {
    let text = SinglePart::plain(message.text.clone());
    let html = SinglePart::html(message.html.clone());
    let (shown, saved): (Vec<_>, Vec<_>) =
        message.files.iter().partition(|file| file.content_id.is_some());
    let both = MultiPart::alternative().singlepart(text);
    let both = if shown.is_empty() {
        both.singlepart(html)
    } else {
        both.multipart(with_files(MultiPart::related().singlepart(html), &shown)?)
    };
    if saved.is_empty() { Ok(both) } else { with_files(MultiPart::mixed().multipart(both), &saved) }
}

fn with_files(parts: MultiPart, files: &[&MailFile]) -> Result<MultiPart, Unwritable> {
    files.iter().try_fold(parts, |parts, file| {
        let name = file.name.clone();
        let attachment = match &file.content_id {
            Some(id) => Attachment::new_inline_with_name(id.clone(), name),
            None => Attachment::new(name),
        };
        let media_type = ContentType::parse(file.media_type).map_err(|_| Unwritable::Content)?;
        Ok(parts.singlepart(attachment.body(file.bytes.clone(), media_type)))
    })
}
