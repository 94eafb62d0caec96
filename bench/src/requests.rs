//! Requests written down before a run, so that making them costs nothing while it lasts.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Result;

/// A request to the service.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: &'static str,
    pub path: String,
    pub token: String,
    pub body: String,
}

impl Request {
    pub fn get(path: impl Into<String>, token: &str) -> Self {
        Self { method: "GET", path: path.into(), token: token.to_owned(), body: String::new() }
    }

    pub fn post(path: impl Into<String>, token: &str, body: String) -> Self {
        Self { method: "POST", path: path.into(), token: token.to_owned(), body }
    }

    /// The request as it goes over the wire, with HTTP/1.1 keep-alive.
    pub fn text(&self) -> String {
        let Self { method, path, token, body } = self;
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: bench\r\n");
        head.push_str(&format!("Authorization: Bearer {token}\r\n"));
        if !body.is_empty() {
            head.push_str("Content-Type: application/json\r\n");
        }
        format!("{head}Content-Length: {}\r\n\r\n{body}", body.len())
    }
}

/// Writes requests for the script of the load generator: the length of each, and its bytes.
pub fn write(requests: &[Request], path: &Path) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for request in requests {
        let text = request.text();
        write!(file, "{}\n{text}", text.len())?;
    }
    Ok(file.flush()?)
}
