//! How many connections may be open, in all and from one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config::{Config, Network};
use crate::service::limiter::Prefix;

/// Connections at once; more are closed as they come (NET-02).
const IN_ALL: usize = 8_192;

/// Connections at once from one address, so that one machine cannot take all. A browser opens
/// six, and many browsers may stand behind one address.
const FROM_ONE: usize = 256;

/// Descriptors kept for everything else: databases, logs, the listener.
const SPARE_DESCRIPTORS: u64 = 64;

/// How often refusals are told of, however many there are (LOG-04).
const TELL_EVERY: Duration = Duration::from_secs(60);

/// Counts open connections.
#[derive(Debug)]
pub(crate) struct Connections {
    in_all: usize,
    from_one: usize,
    /// A proxy holds the connections of many visitors.
    trusted: Vec<Network>,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    count: usize,
    by_prefix: HashMap<Prefix, usize>,
    refused: u64,
    told: Option<Instant>,
}

impl Connections {
    /// None open yet. With throttles switched off, one address may have them all.
    pub(crate) fn new(config: &Config) -> Arc<Self> {
        let in_all = descriptors();
        Arc::new(Self {
            in_all,
            from_one: if config.throttle.enabled {
                FROM_ONE
            } else {
                in_all
            },
            trusted: config.trusted_proxies.clone(),
            open: Mutex::default(),
        })
    }

    /// A place for a connection, held until it is dropped; `None` where there is none left.
    pub(crate) fn admit(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let is_trusted = self.trusted.iter().any(|network| network.contains(peer));
        let prefix = (!is_trusted).then(|| Prefix::from(peer));
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let theirs = prefix.map_or(0, |prefix| open.of(prefix));
        if open.count >= self.in_all || theirs >= self.from_one {
            open.refuse();
            return None;
        }
        open.count += 1;
        if let Some(prefix) = prefix {
            open.by_prefix.insert(prefix, theirs + 1);
        }
        Some(Place {
            connections: Arc::clone(self),
            prefix,
        })
    }
}

impl Open {
    fn of(&self, prefix: Prefix) -> usize {
        self.by_prefix.get(&prefix).copied().unwrap_or(0)
    }

    fn refuse(&mut self) {
        self.refused += 1;
        if self.told.is_none_or(|told| told.elapsed() >= TELL_EVERY) {
            tracing::warn!(
                event = "excess_connections",
                refused = self.refused,
                "too many connections"
            );
            self.refused = 0;
            self.told = Some(Instant::now());
        }
    }
}

/// One open connection's place.
#[derive(Debug)]
pub(crate) struct Place {
    connections: Arc<Connections>,
    prefix: Option<Prefix>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let open = &self.connections.open;
        let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
        open.count -= 1;
        if let Some(prefix) = self.prefix {
            match open.of(prefix) {
                0 | 1 => open.by_prefix.remove(&prefix),
                more => open.by_prefix.insert(prefix, more - 1),
            };
        }
    }
}

/// [`IN_ALL`], or as many as the system gives us descriptors for, after asking for all it allows.
fn descriptors() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let wanted = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    // Where that is not allowed, what we have must do.
    let _ = setrlimit(Resource::Nofile, wanted);
    let given = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let most = given.saturating_sub(SPARE_DESCRIPTORS).max(16);
    IN_ALL.min(usize::try_from(most).unwrap_or(IN_ALL))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connections(in_all: usize, from_one: usize) -> Arc<Connections> {
        Arc::new(Connections {
            in_all,
            from_one,
            trusted: vec![Network::try_from("10.0.0.0/8".to_owned()).unwrap()],
            open: Mutex::default(),
        })
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// NET-02
    #[test]
    fn one_address_cannot_take_every_place() {
        let connections = connections(10, 3);
        let here = || connections.admit(address("192.0.2.1"));
        let held: Vec<_> = (0..3).map(|_| here().unwrap()).collect();
        assert!(here().is_none());
        assert!(connections.admit(address("192.0.2.2")).is_some());
        drop(held);
        assert!(here().is_some());
    }

    #[test]
    fn all_addresses_of_a_64_count_as_one_and_a_trusted_proxy_as_none() {
        let connections = connections(10, 2);
        let v6 = ["2001:db8::1", "2001:db8::2", "2001:db8::3"].map(address);
        let held = v6.map(|peer| connections.admit(peer));
        assert_eq!(held.iter().flatten().count(), 2);
        let proxied: Vec<_> = (0..8)
            .map(|_| connections.admit(address("10.1.2.3")))
            .collect();
        assert!(proxied.iter().all(Option::is_some));
        assert!(connections.admit(address("10.1.2.3")).is_none());
    }

    #[test]
    fn places_that_are_given_back_leave_nothing_behind() {
        let connections = connections(10, 3);
        for number in 0..100u8 {
            drop(connections.admit([192, 0, 2, number].into()).unwrap());
        }
        let open = connections.open.lock().unwrap();
        assert_eq!((open.count, open.by_prefix.len()), (0, 0));
    }
}
