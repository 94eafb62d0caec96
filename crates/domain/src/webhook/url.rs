//! Where a webhook is sent.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::invalid::{Invalid, Rule};

/// The most characters of the address of a webhook.
pub const URL_MAX: usize = 2_000;

/// Which addresses webhooks may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Only `https`, and no address of a private network or of this machine: otherwise a user could have the service
    /// call what only the service reaches.
    Public,
    /// Any, also by `http`: for tests, and for systems in the service's own network.
    Anywhere,
}

impl Reach {
    /// Whether the service may connect to an address.
    pub fn takes(self, address: IpAddr) -> bool {
        self == Self::Anywhere || is_public(address)
    }
}

/// Where a webhook is sent: an absolute `https` or `http` URL with a host, without a user, a password or a fragment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WebhookUrl(String);

impl WebhookUrl {
    /// Parses a URL. A host that is an address must be one that `reach` takes; what a name stands for is checked when
    /// the service connects.
    ///
    /// # Errors
    /// Names the field `url`.
    pub fn parse(text: &str, reach: Reach) -> Result<Self, Invalid> {
        let refused = |rule| Invalid::new("url", rule);
        if text.chars().count() > URL_MAX {
            return Err(refused(Rule::Characters(1, URL_MAX)));
        }
        let url = Url::parse(text.trim()).map_err(|_| refused(Rule::WebhookUrl))?;
        let is_plain =
            url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        let is_http = url.scheme() == "http" && reach == Reach::Anywhere;
        if !is_plain || !(url.scheme() == "https" || is_http) {
            return Err(refused(Rule::WebhookUrl));
        }
        let is_reached = match url.host() {
            Some(Host::Domain(name)) => reach == Reach::Anywhere || !is_own_name(name),
            Some(Host::Ipv4(address)) => reach.takes(address.into()),
            Some(Host::Ipv6(address)) => reach.takes(address.into()),
            None => return Err(refused(Rule::WebhookUrl)),
        };
        if is_reached { Ok(Self(url.into())) } else { Err(refused(Rule::PublicAddress)) }
    }

    /// Takes a URL from a store.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The URL as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a name stands for this machine (RFC 6761 section 6.3).
fn is_own_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name == "localhost" || name.ends_with(".localhost")
}

/// Whether an address is one of the public internet: not of this machine, a private network, a link, a group of
/// receivers, documentation, or reserved (RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            let is_shared = a == 100 && (b & 0xc0) == 64;
            let is_protocol = (a, b, c) == (192, 0, 0) || (a, b, c) == (192, 88, 99);
            let is_benchmark = a == 198 && (b & 0xfe) == 18;
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_documentation()
                || is_shared
                || is_protocol
                || is_benchmark
                || a == 0
                || a >= 224)
        }
        IpAddr::V6(v6) => {
            let segments = v6.segments();
            // Addresses that contain an IPv4 one are judged by it: mapped, and by NAT64 and 6to4.
            let [.., high, low] = segments;
            let within = |high: u16, low: u16| {
                is_public(IpAddr::V4(((u32::from(high) << 16) | u32::from(low)).into()))
            };
            match segments {
                [0, 0, 0, 0, 0, 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => within(high, low),
                [0x2002, high, low, ..] => within(high, low),
                // Global unicast, without documentation and without Teredo and other protocols' addresses.
                [first, second, ..] => {
                    (first & 0xe000) == 0x2000
                        && !(first == 0x2001 && (second == 0xdb8 || second < 0x200))
                        && first != 0x3fff
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_public_internet_are_public() {
        for private in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.0.1",
            "198.19.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "::7f00:1",
        ] {
            assert!(!Reach::Public.takes(private.parse().unwrap()), "{private}");
            assert!(Reach::Anywhere.takes(private.parse().unwrap()), "{private}");
        }
        for public in [
            "1.1.1.1",
            "100.128.0.1",
            "172.32.0.1",
            "198.20.0.1",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
        ] {
            assert!(Reach::Public.takes(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn a_url_that_may_not_be_called_is_refused_by_its_rule() {
        let long = format!("https://example.com/{}", "a".repeat(URL_MAX));
        for (text, rule) in [
            ("", Rule::WebhookUrl),
            ("example.com", Rule::WebhookUrl),
            ("ftp://example.com/", Rule::WebhookUrl),
            ("http://example.com/", Rule::WebhookUrl),
            ("https://user@example.com/", Rule::WebhookUrl),
            ("https://user:secret@example.com/", Rule::WebhookUrl),
            ("https://example.com/#part", Rule::WebhookUrl),
            ("https://", Rule::WebhookUrl),
            (long.as_str(), Rule::Characters(1, URL_MAX)),
            ("https://localhost/", Rule::PublicAddress),
            ("https://a.LOCALHOST./", Rule::PublicAddress),
            ("https://127.0.0.1/", Rule::PublicAddress),
            ("https://2130706433/", Rule::PublicAddress),
            ("https://0x7f.1/", Rule::PublicAddress),
            ("https://[::1]/", Rule::PublicAddress),
        ] {
            assert_eq!(
                WebhookUrl::parse(text, Reach::Public),
                Err(Invalid::new("url", rule)),
                "{text}"
            );
        }
    }

    #[test]
    fn a_url_is_taken_in_its_normal_form() {
        let url = WebhookUrl::parse(" https://EXAMPLE.com:443/a?b=c ", Reach::Public).unwrap();

        assert_eq!(url.as_str(), "https://example.com/a?b=c");
        assert!(WebhookUrl::parse("http://127.0.0.1:8000/", Reach::Anywhere).is_ok());
    }
}
