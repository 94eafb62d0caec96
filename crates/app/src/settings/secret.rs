//! Settings that must not be shown.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::Context;
use secrecy::SecretString;

/// Where container platforms mount secrets, with permissions of their own choice.
const MOUNTED_SECRETS: [&str; 2] = ["/run/secrets", "/var/run/secrets"];

/// Reads a secret from a file: all of it but the line end.
///
/// # Errors
/// Names the file: it cannot be read, is empty, or other users can read it.
pub fn read_secret(path: &Path) -> anyhow::Result<SecretString> {
    refuse_public(path)?;
    let text = std::fs::read_to_string(path);
    let text = text.with_context(|| format!("cannot read {}", path.display()))?;
    let text = text.trim_end_matches(['\r', '\n']);
    anyhow::ensure!(!text.is_empty(), "{} is empty", path.display());
    Ok(text.into())
}

/// Refuses a file with a secret that every user of the machine can read.
fn refuse_public(path: &Path) -> anyhow::Result<()> {
    let metadata = path.metadata().with_context(|| format!("cannot read {}", path.display()))?;
    let is_public = metadata.permissions().mode() & 0o007 != 0;
    if is_public && !MOUNTED_SECRETS.iter().any(|folder| path.starts_with(folder)) {
        anyhow::bail!(
            "{path} holds a secret, and every user of this machine can read it. Run `chmod 600 {path}`",
            path = path.display()
        );
    }
    Ok(())
}
