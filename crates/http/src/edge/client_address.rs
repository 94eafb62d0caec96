//! The address of a client: the other end of the connection, or what a trusted proxy reports.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;

/// The header in which proxies report the address of their client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyHeader {
    /// `X-Forwarded-For`: addresses with commas between them.
    XForwardedFor,
    /// `Forwarded` (RFC 7239): the `for` of each element.
    Forwarded,
}

/// The proxies that are trusted to report the address of their client.
#[derive(Clone, Debug)]
pub struct TrustedProxies {
    /// Their networks; without any, no report is trusted.
    pub networks: Vec<IpNet>,
    /// The header that they write. It is one alone: a proxy forwards what a client wrote into another one.
    pub header: ProxyHeader,
}

impl TrustedProxies {
    /// The address of the client: the first one, going back from the connection, that is not a trusted proxy.
    /// Everything to the left of it may be forged.
    pub(crate) fn client_of(&self, req: &HttpRequest) -> IpAddr {
        let peer = req.peer_addr().map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |peer| peer.ip());
        self.client(peer.to_canonical(), req.headers())
    }

    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer;
        if !self.trusts(client) {
            return client;
        }
        for hop in self.hops(headers) {
            // An entry that cannot be read was not written by a trusted proxy, so the search ends here.
            let Some(address) = hop.and_then(address) else { return client };
            client = address;
            if !self.trusts(client) {
                return client;
            }
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// The reported addresses, the last proxy's first.
    fn hops<'h>(
        &self,
        headers: &'h HeaderMap,
    ) -> impl Iterator<Item = Option<&'h str>> + use<'_, 'h> {
        let name = match self.header {
            ProxyHeader::XForwardedFor => HeaderName::from_static("x-forwarded-for"),
            ProxyHeader::Forwarded => header::FORWARDED,
        };
        let hops = |line: &'h HeaderValue| {
            let line = line.to_str().unwrap_or_default();
            match self.header {
                ProxyHeader::XForwardedFor => line.rsplit(',').map(Some).collect::<Vec<_>>(),
                ProxyHeader::Forwarded => rsplit_unquoted(line, ',').map(for_of_element).collect(),
            }
        };
        let lines: Vec<_> = headers.get_all(name).collect();
        lines.into_iter().rev().flat_map(hops).map(|hop| hop.map(str::trim))
    }
}

/// The `for` of an element of `Forwarded`. An element with a backslash is not read: another sender than the
/// proxy may have chosen where its quotes end.
fn for_of_element(element: &str) -> Option<&str> {
    if element.contains('\\') {
        return None;
    }
    let pairs = rsplit_unquoted(element, ';').filter_map(|pair| pair.split_once('='));
    let mut named = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    let value = named.next()?.1.trim();
    Some(value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value))
}

/// The parts between separators outside quotes, the last one first. What is to the left of a proxy's own
/// element was written by others, who may leave a quote open.
fn rsplit_unquoted(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    text.rsplit(move |next: char| {
        is_quoted ^= next == '"';
        next == separator && !is_quoted
    })
}

/// An address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let with_port = || SocketAddr::from_str(text).map(|address| address.ip());
    IpAddr::from_str(bare).or_else(|_| with_port()).ok().map(|address| address.to_canonical())
}

/// The lengths of the IPv6 networks that one household (64 bits) and one site (56 or 48) are assigned (RFC
/// 6177).
const SITE_BITS: [u32; 3] = [64, 56, 48];

/// The prefix that rate limits count as one client: an IPv4 address, or an IPv6 network of 64 bits (RFC
/// 6177).
pub(crate) fn rate_limit_prefix(address: IpAddr) -> IpAddr {
    networks(address)[0]
}

/// The networks that one person may control, the smallest first: an IPv4 address alone, or the IPv6 networks
/// of 64, 56 and 48 bits.
pub(crate) fn networks(address: IpAddr) -> [IpAddr; 3] {
    match address {
        IpAddr::V4(_) => [address; 3],
        IpAddr::V6(v6) => SITE_BITS.map(|bits| {
            let network = u128::from(v6) & (u128::MAX << (u128::BITS - bits));
            IpAddr::V6(Ipv6Addr::from(network))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(networks: &[&str], header: ProxyHeader) -> TrustedProxies {
        let networks = networks.iter().map(|network| network.parse().unwrap()).collect();
        TrustedProxies { networks, header }
    }

    fn client(proxies: &TrustedProxies, peer: &str, lines: &[(&'static str, &str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            let value = HeaderValue::from_str(value).unwrap();
            headers.append(HeaderName::from_static(name), value);
        }
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    const XFF: &str = "x-forwarded-for";

    #[test]
    fn without_trusted_proxies_no_header_is_believed() {
        let none = proxies(&[], ProxyHeader::XForwardedFor);

        assert_eq!(client(&none, "203.0.113.7", &[(XFF, "198.51.100.1")]), "203.0.113.7");
    }

    #[test]
    fn a_client_that_is_no_proxy_cannot_say_where_it_comes_from() {
        let ours = proxies(&["10.0.0.0/8"], ProxyHeader::XForwardedFor);

        assert_eq!(client(&ours, "203.0.113.7", &[(XFF, "198.51.100.1")]), "203.0.113.7");
    }

    #[test]
    fn of_what_trusted_proxies_say_the_rightmost_address_that_is_not_theirs_counts() {
        let ours = proxies(&["10.0.0.0/8", "2001:db8::/32"], ProxyHeader::XForwardedFor);
        let table: [(&[(&'static str, &str)], &str); 8] = [
            (&[(XFF, "198.51.100.1")], "198.51.100.1"),
            (&[(XFF, "192.0.2.66, 198.51.100.1")], "198.51.100.1"),
            (&[(XFF, "192.0.2.66, 198.51.100.1, 10.1.1.1")], "198.51.100.1"),
            (&[(XFF, "192.0.2.66"), (XFF, "198.51.100.1, 2001:db8::5")], "198.51.100.1"),
            (&[(XFF, "198.51.100.1:4711")], "198.51.100.1"),
            (&[(XFF, "::ffff:198.51.100.1")], "198.51.100.1"),
            (&[(XFF, "10.9.9.9")], "10.9.9.9"),
            (&[], "10.0.0.1"),
        ];
        for (lines, expected) in table {
            assert_eq!(client(&ours, "10.0.0.1", lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn what_does_not_read_ends_the_walk_at_the_last_proxy() {
        let ours = proxies(&["10.0.0.0/8"], ProxyHeader::XForwardedFor);

        for text in ["unknown", "198.51.100.1, _hidden", "198.51.100.1,", "1.2.3"] {
            assert_eq!(client(&ours, "10.0.0.1", &[(XFF, text)]), "10.0.0.1", "{text}");
        }
    }

    #[test]
    fn only_the_header_that_the_proxies_write_is_believed() {
        let ours = proxies(&["10.0.0.0/8"], ProxyHeader::Forwarded);
        let forwarded = "for=192.0.2.66, For=\"[2001:db8:1:2::9]:4711\";proto=https";
        let lines = [(XFF, "192.0.2.1"), ("forwarded", forwarded)];

        assert_eq!(client(&ours, "10.0.0.1", &lines), "2001:db8:1:2::9");
        assert_eq!(client(&ours, "10.0.0.1", &[(XFF, "192.0.2.1")]), "10.0.0.1");
    }

    #[test]
    fn what_a_client_has_a_proxy_write_down_in_quotes_is_not_taken_for_an_address() {
        let ours = proxies(&["10.0.0.0/8"], ProxyHeader::Forwarded);
        let (real, unread) = ("203.0.113.9", "10.0.0.1");
        let table = [
            (r#"for=203.0.113.9;host="x, for=6.6.6.6""#, real),
            (r#"host="x;for=6.6.6.6;y";for=203.0.113.9"#, real),
            (r#"for=203.0.113.9;host="x;for=6.6.6.6;y""#, real),
            (r#"for=", for=203.0.113.9"#, real),
            (r#"for="6.6.6.6, for=203.0.113.9;proto=https"#, real),
            (r#"for=203.0.113.9;host="x\", for=6.6.6.6""#, unread),
            (r#"for=203.0.113.9;host="x\", for=6.6.6.6, y=\"""#, unread),
        ];
        for (text, expected) in table {
            assert_eq!(client(&ours, "10.0.0.1", &[("forwarded", text)]), expected, "{text}");
        }
    }

    #[test]
    fn a_rate_limit_prefix_is_one_ipv4_address_or_64_bits_of_ipv6() {
        let of = |text: &str| rate_limit_prefix(text.parse().unwrap()).to_string();

        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("198.51.100.1"), "198.51.100.1");
    }

    #[test]
    fn a_site_has_one_ipv4_address_or_up_to_80_bits_of_ipv6() {
        let of = |text: &str| networks(text.parse().unwrap()).map(|network| network.to_string());

        let wider = ["2001:db8:1:2fe::", "2001:db8:1:200::", "2001:db8:1::"];
        assert_eq!(of("2001:db8:1:2fe:3:4:5:6"), wider);
        assert_eq!(of("198.51.100.1"), ["198.51.100.1"; 3]);
    }
}
