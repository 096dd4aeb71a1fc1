//! Work from outside: what a proof is good for, and what is none.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use common::{challenge, minutes};
use inkgate::{
    Challenge, Consumed, Error, FirstUse, Keyring, Kind, MOST_BITS, MOST_CHECKED, MOST_COST,
    MOST_PUZZLES, Puzzles, Scheme, Seed, Work,
};
use proptest::prelude::*;

const SCHEMES: [Scheme; 3] = [Scheme::Inkgate, Scheme::Altcha, Scheme::Cap];

/// Little enough for a test, and so much that nobody guesses it.
fn little(scheme: Scheme) -> Work {
    match scheme {
        Scheme::Inkgate => Work {
            scheme,
            puzzles: 8,
            cost: 2,
            bits: 6,
        },
        Scheme::Altcha => Work {
            scheme,
            puzzles: 1,
            cost: 1,
            bits: 12,
        },
        _ => Work {
            scheme,
            puzzles: 10,
            cost: 1,
            bits: 8,
        },
    }
}

fn keyring() -> Keyring {
    Keyring::generate(minutes(0)).unwrap()
}

fn asks_for(kind: Kind) -> Challenge {
    Challenge {
        kind,
        ..challenge(minutes(0))
    }
}

fn consumed(keyring: &Keyring, ticket: &str) -> Consumed {
    let opened = keyring.open_ticket(ticket, minutes(1)).unwrap();
    let first = FirstUse::of(*opened.mark());
    opened.consume(first).unwrap()
}

fn ticket(keyring: &Keyring, kind: Kind) -> String {
    keyring.seal_ticket(&asks_for(kind), minutes(0)).unwrap()
}

#[test]
fn what_the_ticket_asks_for_is_solved_and_accepted_after_its_first_use() {
    let keyring = keyring();
    for scheme in SCHEMES {
        let work = little(scheme);
        for kind in [Kind::Work(work), Kind::PictureAndWork(work)] {
            let text = ticket(&keyring, kind);
            let opened = keyring.open_ticket(&text, minutes(1)).unwrap();
            assert_eq!(opened.kind(), kind);
            let proof = opened.puzzles().unwrap().solve();
            let consumed = consumed(&keyring, &text);
            assert_eq!((consumed.kind(), proof.len()), (kind, work.puzzles.into()));
            assert!(consumed.puzzles().unwrap().are_solved_by(&proof));
            assert!(consumed.matches("xq7km"), "its picture stays readable");
        }
    }
    let picture = ticket(&keyring, Kind::Picture);
    assert!(consumed(&keyring, &picture).puzzles().is_none());
}

/// C-32: no work, too little of it, or one good counter many times, is no proof.
#[test]
fn no_work_is_no_proof() {
    for scheme in SCHEMES {
        let puzzles = Puzzles::new(little(scheme), &Seed::random().unwrap());
        let proof = puzzles.solve();
        let longer = [&proof[..], &[0]].concat();
        let mut refused = vec![
            vec![],
            proof[1..].to_vec(),
            longer,
            vec![u32::MAX; proof.len()],
        ];
        if proof.len() > 1 {
            refused.push(vec![proof[0]; proof.len()]);
            refused.push(proof.iter().rev().copied().collect());
            refused.push([&proof[1..], &proof[..1]].concat());
        }
        for changed in 0..proof.len() {
            let mut wrong = proof.clone();
            let is_wrong = |counter: &u32| {
                let attempt = puzzles.attempt(changed as u8, *counter);
                attempt[0].leading_zeros() < u32::from(puzzles.work().bits.min(8))
            };
            wrong[changed] = (0..).find(is_wrong).unwrap();
            refused.push(wrong);
        }
        for wrong in refused {
            assert!(!puzzles.are_solved_by(&wrong), "{scheme:?} {wrong:?}");
        }
    }
}

/// C-32: a proof belongs to its ticket, its difficulty and its scheme.
#[test]
fn a_borrowed_proof_is_none() {
    let keyring = keyring();
    for scheme in SCHEMES {
        let work = little(scheme);
        let text = ticket(&keyring, Kind::Work(work));
        let opened = keyring.open_ticket(&text, minutes(0)).unwrap();
        let proof = opened.puzzles().unwrap().solve();
        // The same challenge sealed again is another ticket.
        let other = keyring.open_ticket(&ticket(&keyring, Kind::Work(work)), minutes(0));
        let other = other.unwrap().puzzles().unwrap();
        assert_ne!(opened.puzzles().unwrap().nonce(), other.nonce());
        assert!(!other.are_solved_by(&proof), "of another ticket");
    }
    let seed = Seed::from_bytes([8; 32]);
    let easy = Work {
        cost: 3,
        ..little(Scheme::Inkgate)
    };
    let proof = Puzzles::new(easy, &seed).solve();
    for hard in [Work { bits: 14, ..easy }, Work { cost: 4, ..easy }] {
        assert!(!Puzzles::new(hard, &seed).are_solved_by(&proof), "{hard:?}");
    }
    let of = |scheme| {
        Puzzles::new(
            Work {
                scheme,
                puzzles: 1,
                cost: 1,
                bits: 12,
            },
            &seed,
        )
    };
    for scheme in SCHEMES {
        let proof = of(scheme).solve();
        for other in SCHEMES.into_iter().filter(|other| *other != scheme) {
            assert!(!of(other).are_solved_by(&proof), "{scheme:?} for {other:?}");
        }
    }
}

/// Counted by Python's hashlib.
#[test]
fn puzzles_are_what_their_schemes_say() {
    let seed = Seed::from_bytes([1; 32]);
    let of = |scheme, cost| {
        Puzzles::new(
            Work {
                scheme,
                puzzles: 1,
                cost,
                bits: 4,
            },
            &seed,
        )
    };
    let own = of(Scheme::Inkgate, 200);
    let hex = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    assert_eq!(hex(own.nonce()), "e31efe8e63ede8d6209dbb601e914607");
    assert_eq!(hex(&own.salt(2)), "a544783d3c079146d5578dbc3be0c867");
    for (attempt, expected) in [
        (
            own.attempt(2, 77),
            "1410d5f3d0d3863b73ccb38c8f92e1ece6c7115d95b6932f0a05c904dc1f9022",
        ),
        (
            of(Scheme::Altcha, 200).attempt(0, 77),
            "09da90148661810f27d70d34b5128bb79b4c39a378a4eb07f75a61dc3a6889e9",
        ),
        (
            of(Scheme::Cap, 1).attempt(2, 77),
            "5b8b071ca64f91b1a68f3a4def1ed5d42d7b61f30024596afd6f50da9257ed50",
        ),
    ] {
        assert_eq!(hex(&attempt), expected);
    }
}

/// C-32, C-46: work that is none cannot be sealed, nor work that costs the server more than it may.
#[test]
fn work_out_of_bounds_is_not_sealed() {
    let keyring = keyring();
    let work = little(Scheme::Inkgate);
    for wrong in [
        Work { puzzles: 0, ..work },
        Work { cost: 0, ..work },
        Work { bits: 0, ..work },
        Work {
            bits: MOST_BITS + 1,
            ..work
        },
        Work {
            puzzles: MOST_PUZZLES + 1,
            cost: 1,
            ..work
        },
        Work {
            puzzles: 1,
            cost: MOST_COST + 1,
            ..work
        },
        Work {
            puzzles: 9,
            cost: 200,
            ..work
        },
        Work {
            puzzles: 2,
            ..little(Scheme::Altcha)
        },
        Work {
            bits: 11,
            ..little(Scheme::Altcha)
        },
        Work {
            cost: 2,
            ..little(Scheme::Cap)
        },
        Work {
            bits: 6,
            ..little(Scheme::Cap)
        },
    ] {
        let sealed = keyring.seal_ticket(&asks_for(Kind::Work(wrong)), minutes(0));
        assert!(matches!(sealed, Err(Error::Work)), "{wrong:?}");
    }
}

proptest! {
    /// Every effort is work that can be sealed, is near what was asked for, and is checked within bounds.
    #[test]
    fn an_effort_becomes_work_of_about_that_size(effort in 3_200_u32..200_000_000) {
        for scheme in SCHEMES {
            let work = scheme.work(effort);
            prop_assert!(keyring().seal_ticket(&asks_for(Kind::Work(work)), minutes(0)).is_ok());
            prop_assert!(u32::from(work.puzzles) * u32::from(work.cost) <= MOST_CHECKED);
            let asked = match scheme { Scheme::Cap => effort / 2, _ => effort };
            let ratio = work.effort() as f64 / f64::from(asked);
            let most = f64::from(MOST_PUZZLES) * 65_536.0;
            if scheme != Scheme::Cap || f64::from(asked) < most {
                prop_assert!((0.7..1.42).contains(&ratio), "{work:?} for {effort}: {ratio}");
            }
        }
    }

    #[test]
    fn no_counters_make_checking_panic(counters in prop::collection::vec(any::<u32>(), 0..20), seed in any::<[u8; 32]>()) {
        for scheme in SCHEMES {
            let hard = Work { bits: MOST_BITS, ..little(scheme) };
            prop_assert!(!Puzzles::new(hard, &Seed::from_bytes(seed)).are_solved_by(&counters));
        }
    }
}
