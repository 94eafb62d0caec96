//! Which addresses a webhook is sent to.

use std::net::{IpAddr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use stagedoor_domain::webhook::{NoAnswer, Reach, WebhookUrl};
use url::{Host, Url};

/// Why a name has no address to connect to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unresolved {
    #[error("the name has no address")]
    Unknown,
    #[error("the name has only addresses that webhooks may not have")]
    Private,
}

/// Parses a URL. Its host is checked here if it is an address, because HTTP clients resolve only names.
pub(crate) fn checked(url: &WebhookUrl, reach: Reach) -> Result<Url, NoAnswer> {
    let url = Url::parse(url.as_str()).map_err(|_| NoAnswer::UnknownHost)?;
    let address: Option<IpAddr> = match url.host() {
        Some(Host::Domain(_)) => None,
        Some(Host::Ipv4(address)) => Some(address.into()),
        Some(Host::Ipv6(address)) => Some(address.into()),
        None => return Err(NoAnswer::UnknownHost),
    };
    if address.is_none_or(|address| reach.takes(address)) {
        Ok(url)
    } else {
        Err(NoAnswer::PrivateAddress)
    }
}

/// Resolves names by the operating system. The client connects to the very addresses that were checked here: a second
/// look-up could answer others (DNS rebinding).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resolver {
    reach: Reach,
}

impl Resolver {
    pub(crate) fn new(reach: Reach) -> Self {
        Self { reach }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.reach;
        Box::pin(async move {
            // Port 0 stands for the port of the URL.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            let found = found.map_err(|_| Unresolved::Unknown)?;
            let addresses: Addrs = Box::new(taken(found, reach)?.into_iter());
            Ok(addresses)
        })
    }
}

/// The addresses that `reach` takes: at least one.
fn taken(
    found: impl Iterator<Item = SocketAddr>,
    reach: Reach,
) -> Result<Vec<SocketAddr>, Unresolved> {
    let mut found = found.peekable();
    if found.peek().is_none() {
        return Err(Unresolved::Unknown);
    }
    let taken: Vec<_> = found.filter(|address| reach.takes(address.ip())).collect();
    if taken.is_empty() { Err(Unresolved::Private) } else { Ok(taken) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIVATE: &str = "10.0.0.1:0";
    const PUBLIC: &str = "[2606:4700::1111]:0";

    fn taken_of(found: &[&str], reach: Reach) -> Result<Vec<String>, Unresolved> {
        let addresses: Vec<SocketAddr> = found.iter().map(|text| text.parse().unwrap()).collect();
        let taken = taken(addresses.into_iter(), reach)?;
        Ok(taken.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn of_the_addresses_of_a_name_only_public_ones_are_taken() {
        let found = [PRIVATE, PUBLIC, "127.0.0.1:0", "[::1]:0"];

        assert_eq!(taken_of(&found, Reach::Public), Ok(vec![PUBLIC.to_owned()]));
        assert_eq!(taken_of(&found, Reach::Anywhere), Ok(found.map(str::to_owned).into()));
    }

    #[test]
    fn a_name_with_private_addresses_alone_differs_from_one_with_none() {
        assert_eq!(taken_of(&[PRIVATE], Reach::Public), Err(Unresolved::Private));
        assert_eq!(taken_of(&[], Reach::Public), Err(Unresolved::Unknown));
        assert_eq!(taken_of(&[], Reach::Anywhere), Err(Unresolved::Unknown));
    }

    #[test]
    fn an_address_in_a_url_is_checked_in_every_form() {
        for host in ["127.0.0.1", "0x7f.1", "2130706433", "127.1", "[::1]", "[::ffff:10.0.0.1]"] {
            let url = WebhookUrl::stored(format!("https://{host}/"));

            assert_eq!(checked(&url, Reach::Public), Err(NoAnswer::PrivateAddress), "{host}");
            assert!(checked(&url, Reach::Anywhere).is_ok(), "{host}");
        }
        let public = WebhookUrl::stored("https://1.1.1.1/".to_owned());
        assert!(checked(&public, Reach::Public).is_ok());
    }
}
