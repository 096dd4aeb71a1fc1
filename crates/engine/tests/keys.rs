//! The keyring: its text form, its refusals, and rotation while tickets are about.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::time::Duration;

use common::{challenge, minutes};
use inkgate::{Error, KEY_DELAY, Keyring, LONGEST_LIFE, Refusal, SKEW, Timestamp};

const KEY: &str = "0badcafe 2026-11-21T12:00:00Z w1zWqJ0eUOuXyPqY8G3m2lH5mS4sVYb7dTnQkE9rA0o";
const PEPPER: &str = "pepper 2026-11-21T12:00:00Z QvT8nB3xZ7kLrM5cW2hJ9sD4fG6pA1yEoUiKtN0bVqM";

fn refusal(text: &str) -> String {
    match Keyring::parse(text) {
        Err(Error::Keys(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_keyring_reads_its_own_text() {
    let mut keyring = Keyring::generate(minutes(1)).unwrap();
    keyring.rotate(minutes(2)).unwrap();
    let text = keyring.to_text();
    let read = Keyring::parse(&text).unwrap();
    assert_eq!(read.to_text(), text);
    assert_eq!(read.keys(minutes(3)), keyring.keys(minutes(3)));
    assert_eq!(read.derive("x"), keyring.derive("x"));
    assert!(
        text.contains("1970-01-01T00:01:00Z"),
        "an operator reads when a key was made"
    );
}

#[test]
fn comments_blank_lines_and_any_order_of_lines_are_read() {
    let text = format!("# ours\r\n\r\n  {PEPPER}\r\n\t{KEY}  \r\n#{KEY}\r\n");
    let entries = Keyring::parse(&text).unwrap().keys(minutes(0));
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].id.to_string(), "0badcafe");
    assert_eq!(entries[0].created, "2026-11-21T12:00:00Z".parse().unwrap());
}

/// KEY-02.
#[test]
fn keys_that_are_missing_doubled_or_broken_are_refused_by_line() {
    let secret = "w1zWqJ0eUOuXyPqY8G3m2lH5mS4sVYb7dTnQkE9rA0o";
    let swap = |from: &str, to: &str| format!("{PEPPER}\n{}", KEY.replace(from, to));
    for (text, expected) in [
        (String::new(), "no key to seal with"),
        (PEPPER.to_owned(), "no key to seal with"),
        (KEY.to_owned(), "no line `pepper`"),
        (
            format!("{KEY}\n{PEPPER}\n{}", PEPPER.replace('Q', "R")),
            "line 3: there is a pepper already",
        ),
        (
            format!("{KEY}\n{PEPPER}\n{}", KEY.replace("w1z", "w2z")),
            "line 3: the id is on another line too",
        ),
        (
            format!("{KEY}\n{PEPPER}\n{}", KEY.replace("0b", "1b")),
            "line 3: the secret is on another line too",
        ),
        (
            format!("{KEY}\npepper 2026-11-21T12:00:00Z {secret}"),
            "line 2: the secret is on another line too",
        ),
        (swap("0badcafe", "0BADCAFE"), "line 2: the id is not"),
        (swap("0badcafe", "+badcafe"), "line 2: the id is not"),
        (swap("0badcafe", "badcafe"), "line 2: the id is not"),
        (swap("0badcafe", secret), "line 2: the id is not"),
        (swap("T12", " 12"), "line 2: not of the form"),
        (swap("12:00:00Z", "noon"), "line 2: the time of creation"),
        (swap(secret, ""), "line 2: not of the form"),
        (swap("rA0o", "rA0"), "line 2: the secret is not 32 bytes"),
        (swap("rA0o", "rA0p"), "line 2: the secret is not 32 bytes"),
        (swap("rA0o", "rA0o="), "line 2: the secret is not 32 bytes"),
        (swap("w1zW", "w1/W"), "line 2: the secret is not 32 bytes"),
        (
            swap(secret, "aGVsbG8"),
            "line 2: the secret is not 32 bytes",
        ),
        (
            swap(secret, &"A".repeat(43)),
            "line 2: the secret is not random",
        ),
        // 32 bytes counted up from zero, and a phrase of 32 characters.
        (
            swap(secret, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"),
            "line 2: the secret is not random",
        ),
        (
            swap(secret, "Y29ycmVjdCBob3JzZSBiYXR0ZXJ5IHN0YXBsZSBvaCE"),
            "line 2: the secret is not random",
        ),
        (
            swap(secret, "ChangeMeqJ0eUOuXyPqY8G3m2lH5mS4sVYb7dTnQkE0"),
            "line 2: the secret is a placeholder",
        ),
        (
            swap("w1zWqJ0e", "changeme"),
            "line 2: the secret is a placeholder",
        ),
    ] {
        let reason = refusal(&text);
        assert!(reason.contains(expected), "{reason:?} for {text:?}");
        assert!(
            !reason.contains(&secret[..6]),
            "it repeats the secret: {reason}"
        );
    }
}

/// KEY-03.
#[test]
fn debug_shows_no_secret() {
    let keyring = Keyring::parse(&format!("{KEY}\n{PEPPER}")).unwrap();
    let shown = format!("{keyring:?} {keyring:#?}");
    // The first secret begins with the bytes c3 5c d6.
    for secret in ["w1zW", "QvT8", "195, 92", "195,\n", "c3, 5c", "c35c"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("***"));
}

#[test]
fn each_label_gives_its_own_secret_from_the_pepper_alone() {
    let mut keyring = Keyring::parse(&format!("{KEY}\n{PEPPER}")).unwrap();
    // RFC 5869 with Python's hmac: HMAC(HMAC(32 zeros, pepper), "inkgate 1 pepper: password pepper" 01).
    let expected = "b8ddc9a165fbf3c19e0762334ba96f0985b9e84501fbdb7929ff72bdb308ce03";
    let derived = keyring.derive("password pepper");
    let hex: String = derived.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, expected);
    assert_ne!(keyring.derive("password peppe"), derived);

    keyring.rotate(minutes(1)).unwrap();
    assert_eq!(
        keyring.derive("password pepper"),
        derived,
        "rotation leaves the pepper alone"
    );
    assert_ne!(
        Keyring::generate(minutes(0))
            .unwrap()
            .derive("password pepper"),
        derived
    );
}

#[test]
fn a_sole_key_seals_at_once_and_a_new_one_ten_minutes_later() {
    let mut keyring = Keyring::generate(minutes(100)).unwrap();
    let sealing = |keyring: &Keyring, now| {
        let entries = keyring.keys(now);
        let mut sealing = entries.iter().filter(|entry| entry.is_sealing);
        let id = sealing.next().unwrap().id;
        assert!(sealing.next().is_none());
        id
    };
    let first = sealing(&keyring, minutes(100));
    let second = keyring.rotate(minutes(101)).unwrap();
    assert_eq!(sealing(&keyring, minutes(101)), first);
    let start = minutes(101) + KEY_DELAY;
    assert_eq!(keyring.keys(minutes(101))[1].seals_from, start);
    assert_eq!(
        sealing(&keyring, Timestamp::from_millis(start.as_millis() - 1)),
        first
    );
    assert_eq!(sealing(&keyring, start), second);
    // A node whose clock is far behind seals with the key that everybody has.
    assert_eq!(sealing(&keyring, minutes(0)), first);
}

#[test]
fn a_new_key_opens_at_once() {
    let old = Keyring::generate(minutes(0)).unwrap();
    let mut new = old.clone();
    new.rotate(minutes(100)).unwrap();
    // A node that is an hour ahead seals with it already.
    let ticket = new
        .seal_ticket(&challenge(minutes(100)), minutes(160))
        .unwrap();
    assert!(new.open_ticket(&ticket, minutes(100)).is_ok());
    assert_eq!(
        old.open_ticket(&ticket, minutes(100)).unwrap_err(),
        Refusal::Unreadable
    );
}

#[test]
fn a_key_is_dropped_when_nothing_it_sealed_can_be_valid() {
    let mut keyring = Keyring::generate(minutes(0)).unwrap();
    let first = keyring.keys(minutes(0))[0].id;
    keyring.rotate(minutes(10)).unwrap();
    let end = minutes(10) + KEY_DELAY + LONGEST_LIFE + SKEW;
    let just_before = Timestamp::from_millis(end.as_millis() - 1);
    assert!(keyring.prune(just_before, LONGEST_LIFE).is_empty());
    assert_eq!(keyring.prune(end, LONGEST_LIFE), [first]);
    let never = Timestamp::from_millis(u64::MAX);
    assert!(
        keyring.prune(never, LONGEST_LIFE).is_empty(),
        "the last stays"
    );
    assert_eq!(keyring.keys(end).len(), 1);
}

/// KEY-04: hourly rotation for twenty hours, tickets of the longest life every five minutes, and a node that hears
/// of each change a few minutes late.
#[test]
fn rotation_loses_no_valid_ticket_and_a_dropped_key_opens_none() {
    let step = Duration::from_secs(300);
    let mut keyring = Keyring::generate(minutes(0)).unwrap();
    let mut late = [keyring.clone(), keyring.clone()];
    let mut tickets: Vec<(Timestamp, String)> = Vec::new();
    let mut now = minutes(0);
    let (mut opened, mut refused) = (0, 0);
    for tick in 0..240 {
        now = now + step;
        if tick % 12 == 0 {
            keyring.rotate(now).unwrap();
            keyring.prune(now, LONGEST_LIFE);
        }
        let mut sealed = challenge(now);
        sealed.expires = now + LONGEST_LIFE;
        // Sealed by either node, opened by either.
        for node in [&keyring, &late[0]] {
            tickets.push((now, node.seal_ticket(&sealed, now).unwrap()));
        }
        for (issued, ticket) in &tickets {
            if now.saturating_sub(*issued) < LONGEST_LIFE {
                assert!(
                    keyring.open_ticket(ticket, now).is_ok(),
                    "issued {issued}, refused {now}"
                );
                assert!(
                    late[0].open_ticket(ticket, now).is_ok(),
                    "issued {issued}, refused late {now}"
                );
                opened += 2;
            }
        }
        tickets.retain(|(issued, ticket)| {
            let gone = keyring.inspect(ticket).is_err();
            assert!(!gone || now.saturating_sub(*issued) >= LONGEST_LIFE);
            refused += usize::from(gone);
            !gone
        });
        late = [late[1].clone(), keyring.clone()];
        assert!(keyring.keys(now).len() <= 4);
    }
    assert!(opened > 10_000, "{opened}");
    assert!(refused > 300, "{refused}");
}

/// KEY-04: a copy of an installation's keys with one taken out by hand.
#[test]
fn a_removed_key_opens_nothing() {
    let mut keyring = Keyring::generate(minutes(0)).unwrap();
    let ticket = keyring
        .seal_ticket(&challenge(minutes(0)), minutes(0))
        .unwrap();
    let old = keyring.keys(minutes(0))[0].id.to_string();
    keyring.rotate(minutes(0)).unwrap();
    let text = keyring.to_text();
    let rest: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with(&old))
        .collect();
    let left = Keyring::parse(&rest.join("\n")).unwrap();
    assert!(keyring.open_ticket(&ticket, minutes(0)).is_ok());
    assert_eq!(
        left.open_ticket(&ticket, minutes(0)).unwrap_err(),
        Refusal::Unreadable
    );
    // Alone now, it does not wait to seal.
    assert!(left.keys(minutes(0))[0].is_sealing);
}
