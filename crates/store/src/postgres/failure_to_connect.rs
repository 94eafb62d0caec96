//! Why there is no connection, without the URL's secrets.

/// How the messages of libpq begin that quote host, port and the server's answer. Others may quote any
/// part of the URL.
const SHOWN: [&str; 4] = [
    "connection to server",
    "could not translate host name",
    "sslmode value",
    "root certificate file",
];

/// Host and port of a URL, without user and password.
pub(crate) fn server(url: &str) -> String {
    let (_, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let server = authority.rsplit_once('@').map_or(authority, |(_, server)| server);
    if server.is_empty() { "its default address".to_owned() } else { server.to_owned() }
}

/// In the server's words: it is there and will not have this user or database, now or later.
const REFUSALS: [&str; 4] =
    ["authentication failed", "does not exist", "no pg_hba.conf entry", "not permitted to log in"];

/// Whether trying again is of no use.
pub(crate) fn is_settled(reason: &str) -> bool {
    reason.starts_with(UNUSABLE) || REFUSALS.iter().any(|refusal| reason.contains(refusal))
}

const UNUSABLE: &str = "the URL cannot be used";

/// The reason in a message of the pool or of libpq, on one line.
pub(crate) fn reason(message: &str) -> String {
    match SHOWN.iter().find_map(|start| message.find(start)) {
        Some(at) => {
            let words = message[at..].split_whitespace();
            words.collect::<Vec<_>>().join(" ").replace(char::is_control, "")
        }
        None if message.contains(": ") => format!(
            "{UNUSABLE}: see whether its parameters are right, and the characters of its password \
             percent-encoded"
        ),
        None => "the server does not answer".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_without_its_user_and_password() {
        for (url, expected) in [
            ("postgres://u:hunter2@db:5432/d?a=b", "db:5432"),
            ("postgresql://db", "db"),
            ("postgres://u:p@a:1,b:2,c/d?target_session_attrs=read-write", "a:1,b:2,c"),
            ("postgres:///d", "its default address"),
        ] {
            assert_eq!(server(url), expected);
        }
    }

    #[test]
    fn a_refusal_of_the_user_or_the_database_is_settled_and_a_server_that_is_away_is_not() {
        let at = "connection to server at \"h\" (10.0.0.1), port 5432 failed:";
        for refusal in [
            "FATAL:  password authentication failed for user \"u\"",
            "FATAL:  database \"d\" does not exist",
            "FATAL:  no pg_hba.conf entry for host \"10.0.0.2\"",
        ] {
            assert!(is_settled(&reason(&format!("{at} {refusal}"))), "{refusal}");
        }
        assert!(is_settled(&reason("invalid port number: \"x\"")));
        for passing in [
            "Connection refused",
            "session is read-only",
            "FATAL:  the database system is starting up",
        ] {
            assert!(!is_settled(&reason(&format!("{at} {passing}"))), "{passing}");
        }
        assert!(!is_settled(&reason("timed out waiting for connection")));
    }

    #[test]
    fn a_reason_is_shown_if_it_quotes_no_secret() {
        let refused = "timed out waiting for connection: connection to server at \"127.0.0.1\", port 1 \
            failed: Connection refused\n\tIs the server running on that host?\n";
        assert_eq!(
            reason(refused),
            "connection to server at \"127.0.0.1\", port 1 failed: Connection refused Is the server \
             running on that host?"
        );
        let unread = "timed out waiting for connection: invalid port number: \"hunter2\"";
        assert!(!reason(unread).contains("hunter2"));
        assert!(reason(unread).starts_with("the URL cannot be used"));
        assert_eq!(reason("timed out waiting for connection"), "the server does not answer");
    }
}
