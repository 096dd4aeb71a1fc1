//! What the tests of tickets, tokens and keys share.

use std::time::Duration;

use inkgate::{Answer, Binding, Challenge, Kind, Look, Mark, Matching, Timestamp};

/// A moment so many minutes after the epoch.
pub(crate) fn minutes(minutes: u64) -> Timestamp {
    Timestamp::from_millis(minutes * 60_000)
}

/// An ordinary challenge, valid for five minutes from `issued`.
pub(crate) fn challenge(issued: Timestamp) -> Challenge {
    Challenge {
        mark: Mark::random().unwrap(),
        kind: Kind::Picture,
        style: "ink".to_owned(),
        look: Look::from_bytes([7; 16]),
        answer: Answer::new("XQ7KM").unwrap(),
        matching: Matching::new("0o 1il").unwrap(),
        site: "newpage".to_owned(),
        action: "sign-in".to_owned(),
        cdata: "order 1234".to_owned(),
        host: "shop.example".to_owned(),
        binding: Binding::None,
        issued,
        expires: issued + Duration::from_secs(300),
    }
}
