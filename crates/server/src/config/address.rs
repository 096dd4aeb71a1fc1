//! The two kinds of address in the configuration.

use std::net::IpAddr;

use axum::http::Uri;
use ipnet::IpNet;
use serde::Deserialize;

/// The address that visitors use: scheme and host, nothing behind it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(try_from = "String")]
pub struct PublicUrl {
    https: bool,
    host: String,
    authority: String,
}

impl PublicUrl {
    /// Whether it is an `https` address.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// The host, without a port.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The origin as browsers write it: `https://login.example.org`.
    pub fn origin(&self) -> String {
        let scheme = if self.https { "https" } else { "http" };
        format!("{scheme}://{}", self.authority)
    }
}

impl TryFrom<String> for PublicUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let refused =
            || format!("public_url: {text:?} is not an address such as https://login.example.org");
        let uri: Uri = text.parse().map_err(|_| refused())?;
        let authority = uri.authority().ok_or_else(refused)?;
        let bare = uri.path().trim_end_matches('/').is_empty() && uri.query().is_none();
        match uri.scheme_str() {
            Some(scheme @ ("https" | "http")) if bare && !authority.as_str().contains('@') => {
                Ok(Self {
                    https: scheme == "https",
                    host: authority.host().to_ascii_lowercase(),
                    authority: authority.as_str().to_ascii_lowercase(),
                })
            }
            _ => Err(refused()),
        }
    }
}

/// An address or a CIDR range.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(try_from = "String")]
pub struct Network(IpNet);

impl Network {
    /// Whether the address is in it; an IPv4 address written as IPv6 counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            .map(Self)
            .map_err(|_| {
                format!("trusted_proxies: {text:?} is not an address or a range such as 10.0.0.0/8")
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_an_origin() {
        let url = PublicUrl::try_from("https://Login.example.org:8443/".to_owned()).unwrap();
        assert_eq!(url.origin(), "https://login.example.org:8443");
        assert_eq!(url.host(), "login.example.org");
        for bad in [
            "",
            "login.example.org",
            "ftp://a",
            "https://a/b",
            "https://u@a",
            "https://",
        ] {
            assert!(PublicUrl::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
