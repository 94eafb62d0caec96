//! Where the keys come from that tokens and tickets are signed with.

use std::fs::{OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;
use stagedoor_http::SigningKeys;
use stagedoor_tickets::TicketKeys;

use crate::settings::{SIGNING_KEY_VARIABLE, Settings};
use crate::store::{keep_private, make_directory};

const DEMO_KEY_FILE: &str = "demo-signing-key";
const DEMO_KEY_BYTES: usize = 48;

/// The keys that the settings give for tokens and for tickets; in demo mode otherwise a key of its own. Tickets are
/// signed with keys from the same secrets unless they have their own.
///
/// # Errors
/// There is none, or it is too short or too easy to guess; says how to make one and shows none.
pub(crate) fn keys(settings: &Settings) -> anyhow::Result<(SigningKeys, TicketKeys)> {
    let list = match settings.signing_key()? {
        Some(keys) => keys,
        None if settings.demo => demo_key(settings.store.data())?.into(),
        None => anyhow::bail!(
            "there is no signing key. Set {SIGNING_KEY_VARIABLE} (or name a file in \
             {SIGNING_KEY_VARIABLE}_FILE) to 32 random bytes or more, such as the output of\n  \
             head -c 48 /dev/urandom | base64 -w0\nor try `stagedoor serve --demo`"
        ),
    };
    let keys = SigningKeys::parse(list.expose_secret());
    let keys = keys.map_err(|wrong| wrong_key(&wrong, SIGNING_KEY_VARIABLE))?;
    let tickets = settings.server.ticket_keys()?.unwrap_or(list);
    let tickets = TicketKeys::parse(tickets.expose_secret());
    Ok((keys, tickets.map_err(|wrong| wrong_key(&wrong, "STAGEDOOR_TICKET_KEYS"))?))
}

fn wrong_key(wrong: &str, variable: &str) -> anyhow::Error {
    anyhow::anyhow!(
        "{wrong}. Make one with\n  head -c 48 /dev/urandom | base64 -w0\nand set {variable} to it"
    )
}

/// Reads the demonstration's key, which is made once, so that tokens outlive a restart. A key that other
/// users could read is its owner's alone from then on.
fn demo_key(data: &Path) -> anyhow::Result<String> {
    make_directory(data)?;
    let path = data.join(DEMO_KEY_FILE);
    match make_key_file(&path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(error).with_context(|| format!("cannot write {}", path.display()))
        }
        _ => {
            keep_private(&path, 0o600)?;
            let key = std::fs::read_to_string(&path);
            key.with_context(|| format!("cannot read {}", path.display()))
        }
    }
}

/// Writes a new key beside its place and moves it there, so that no process reads half of one.
fn make_key_file(path: &Path) -> std::io::Result<()> {
    if path.exists() {
        return Err(ErrorKind::AlreadyExists.into());
    }
    let mut bytes = [0; DEMO_KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    let unfinished = path.with_extension(std::process::id().to_string());
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(STANDARD.encode(bytes).as_bytes())?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&unfinished, path);
    std::fs::remove_file(&unfinished)?;
    linked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(data: &Path) -> Settings {
        let mut settings = Settings::defaults();
        settings.store.data = Some(data.to_owned());
        settings
    }

    #[test]
    fn without_a_key_it_is_said_how_to_make_one() {
        let refused = keys(&settings(Path::new("/nowhere"))).unwrap_err().to_string();

        assert!(refused.contains("head -c 48 /dev/urandom | base64 -w0"), "{refused}");
        assert!(refused.contains("STAGEDOOR_SIGNING_KEY"), "{refused}");
    }

    #[test]
    fn a_short_key_is_refused_and_not_shown() {
        let mut settings = settings(Path::new("/nowhere"));
        settings.signing_key = Some("hunter2".into());
        let refused = keys(&settings).unwrap_err().to_string();

        assert!(refused.contains("7 bytes"), "{refused}");
        assert!(!refused.contains("hunter2"), "{refused}");
        assert!(!format!("{settings:?}").contains("hunter2"));
    }

    #[test]
    fn tickets_are_signed_with_the_signing_keys_unless_they_have_their_own() {
        let mut settings = settings(Path::new("/nowhere"));
        settings.signing_key = Some("a signing key that only tests may use".into());
        let (_, shared) = keys(&settings).unwrap();
        settings.server.ticket_keys = Some("another key that only tickets may use".into());
        let (_, own) = keys(&settings).unwrap();
        settings.server.ticket_keys = Some("hunter2".into());
        let refused = keys(&settings).unwrap_err().to_string();

        assert_ne!(shared.jwks(), own.jwks());
        assert!(refused.contains("STAGEDOOR_TICKET_KEYS"), "{refused}");
        assert!(!refused.contains("hunter2"), "{refused}");
    }

    #[test]
    fn the_demonstration_makes_a_key_once_that_others_cannot_read() {
        let directory = tempfile::tempdir().unwrap();
        let first = demo_key(directory.path()).unwrap();
        let again = demo_key(directory.path()).unwrap();
        let mode = directory.path().join(DEMO_KEY_FILE).metadata().unwrap().permissions().mode();

        assert_eq!(first, again);
        assert_eq!(first.len(), 64);
        assert_eq!(mode & 0o777, 0o600);
        let file = directory.path().join(DEMO_KEY_FILE);
        std::fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
        assert_eq!(demo_key(directory.path()).unwrap(), first);
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(directory.path().read_dir().unwrap().count(), 1);
    }
}
