//! The text of tickets and tokens: as anybody may send it, and as it is sealed and then damaged.
//!
//! An input is a byte for what to do, and a text.
#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use inkgate::{
    Answer, Binding, Challenge, FirstUse, Keyring, Kind, Look, Mark, Matching, Pass, Scheme,
    Timestamp, Via,
};
use libfuzzer_sys::fuzz_target;

const NOW: Timestamp = Timestamp::from_millis(1_795_262_400_000);
static KEYS: LazyLock<Keyring> = LazyLock::new(|| Keyring::generate(NOW).expect("random bytes"));

fuzz_target!(|input: &[u8]| {
    let Some((&what, rest)) = input.split_first() else {
        return;
    };
    let text = String::from_utf8_lossy(rest);
    match what % 4 {
        0 => assert_refused(&text),
        1 => assert_refused(&damaged(&ticket("site", &text).unwrap_or_default(), rest)),
        2 => assert_refused(&damaged(&token(&text).unwrap_or_default(), rest)),
        _ => assert_kept(&text),
    }
});

fn assert_refused(text: &str) {
    assert!(KEYS.open_ticket(text, NOW).is_err());
    assert!(KEYS.open_token(text, NOW).is_err());
    assert!(KEYS.inspect(text).is_err());
}

fn assert_kept(text: &str) {
    if let Some(sealed) = ticket(text, text) {
        let opened = KEYS.open_ticket(&sealed, NOW).expect("our own ticket");
        assert_eq!((opened.site(), opened.cdata()), (text, text));
        let mark = *opened.mark();
        let consumed = opened.consume(FirstUse::of(mark)).expect("its own mark");
        assert!(consumed.matches("a C d"));
        assert!(
            KEYS.open_token(&sealed, NOW).is_err(),
            "a ticket is no token"
        );
    }
    if let Some(sealed) = token(text) {
        let opened = KEYS.open_token(&sealed, NOW).expect("our own token");
        let mark = *opened.mark();
        let pass = opened.consume(FirstUse::of(mark)).expect("its own mark");
        assert_eq!(pass.cdata, text);
        assert!(
            KEYS.open_ticket(&sealed, NOW).is_err(),
            "a token is no ticket"
        );
    }
}

/// One character changed, put in or left out.
fn damaged(sealed: &str, how: &[u8]) -> String {
    let mut text: Vec<char> = sealed.chars().collect();
    let step = |at: usize, byte: &u8| at.wrapping_mul(31).wrapping_add(usize::from(*byte));
    let at = how.iter().fold(0, step) % (text.len() + 1);
    let other = how.first().map_or('A', |byte| char::from(*byte));
    match text.get(at) {
        Some(same) if *same == other => text.truncate(at),
        Some(_) => text[at] = other,
        None => text.push(other),
    }
    text.into_iter().collect()
}

fn ticket(site: &str, cdata: &str) -> Option<String> {
    let kinds = [
        Kind::Picture,
        Kind::Work(Scheme::Inkgate.work(4_000)),
        Kind::PictureAndWork(Scheme::Cap.work(4_000)),
    ];
    let challenge = Challenge {
        mark: Mark::random().ok()?,
        kind: kinds[cdata.len() % kinds.len()],
        style: "ink".to_owned(),
        look: Look::from_bytes([7; 16]),
        answer: Answer::new("ACD").ok()?,
        matching: Matching::default(),
        site: site.to_owned(),
        action: String::new(),
        cdata: cdata.to_owned(),
        host: String::new(),
        binding: Binding::None,
        issued: NOW,
        expires: NOW + Duration::from_secs(300),
    };
    KEYS.seal_ticket(&challenge, NOW).ok()
}

fn token(cdata: &str) -> Option<String> {
    let pass = Pass {
        mark: Mark::random().ok()?,
        site: "site".to_owned(),
        action: String::new(),
        cdata: cdata.to_owned(),
        host: String::new(),
        via: Via::Picture,
        solved: NOW,
        expires: NOW + Duration::from_secs(120),
    };
    KEYS.seal_token(&pass, NOW).ok()
}
