//! The text of the keys file.
#![no_main]

use std::time::Duration;

use inkgate::{Keyring, Timestamp};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Ok(mut keyring) = Keyring::parse(&String::from_utf8_lossy(input)) else {
        return;
    };
    let text = keyring.to_text();
    let again = Keyring::parse(&text).expect("what was written can be read");
    assert_eq!(*again.to_text(), *text);
    let now = Timestamp::from_millis(1_795_262_400_000);
    keyring.keys(now);
    keyring.prune(now, Duration::from_secs(3_600));
    keyring.rotate(now).expect("random bytes");
    Keyring::parse(&keyring.to_text()).expect("what was rotated can be read");
});
