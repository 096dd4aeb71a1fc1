//! Addresses of stores elsewhere, as URLs. Whatever is shown of one has neither name nor password in it.

use crate::{Error, Result};

/// A URL in its parts, as far as several drivers agree on them.
pub(crate) struct Address<'a> {
    pub(crate) scheme: &'a str,
    /// `name:password`, percent-encoded.
    pub(crate) user: Option<&'a str>,
    /// One host or several, with their ports.
    pub(crate) hosts: &'a str,
    /// What stands after the first slash.
    pub(crate) path: &'a str,
    pub(crate) options: Vec<(String, String)>,
}

impl<'a> Address<'a> {
    pub(crate) fn parse(url: &'a str) -> Result<Self> {
        let bad = || Error::BadAddress("is no URL such as postgres://host/database".to_owned());
        let (scheme, rest) = url.split_once("://").ok_or_else(bad)?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, hosts) = match authority.rsplit_once('@') {
            Some((user, hosts)) => (Some(user), hosts),
            None => (None, authority),
        };
        Ok(Self {
            scheme,
            user,
            hosts,
            path,
            options: form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        })
    }

    /// Removes an option and returns its value.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        let place = self.options.iter().position(|(key, _)| key == name)?;
        Some(self.options.remove(place).1)
    }

    /// What may be shown of it.
    pub(crate) fn shown(&self) -> String {
        let Self {
            scheme,
            hosts,
            path,
            ..
        } = self;
        format!("{scheme}://{hosts}/{path}")
    }
}

/// A word that names a part of a shared server: it goes into names there.
pub(crate) fn word(option: &str, value: String) -> Result<String> {
    let is_good = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_' || c == b'-';
    if (1..=48).contains(&value.len()) && value.bytes().all(is_good) {
        Ok(value)
    } else {
        let why = format!("has an option {option} that is not 1 to 48 of a-z 0-9 _ -");
        Err(Error::BadAddress(why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_of_an_address_is_no_secret() {
        for url in [
            "postgres://ann:s3cret@db.test:5432/shop?password=s3cret",
            "postgres://ann:s3cret@b@db.test:5432/shop",
        ] {
            let shown = Address::parse(url).unwrap().shown();
            assert_eq!(shown, "postgres://db.test:5432/shop");
        }
    }

    #[test]
    fn options_are_decoded_and_taken_once() {
        let mut address = Address::parse("postgres:///shop?host=%2Frun&schema=a").unwrap();
        assert_eq!(
            (address.user, address.hosts, address.path),
            (None, "", "shop")
        );
        assert_eq!(address.take("host").unwrap(), "/run");
        assert!(address.take("host").is_none());
        assert!(Address::parse("shop").is_err());
    }

    #[test]
    fn a_word_is_short_and_plain() {
        assert!(word("schema", "ink_2-a".to_owned()).is_ok());
        for bad in ["", "A", "a\"", "a.b", &"a".repeat(49)] {
            assert!(word("schema", bad.to_owned()).is_err(), "{bad:?}");
        }
    }
}
