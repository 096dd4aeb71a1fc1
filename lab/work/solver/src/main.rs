//! Solves what a site asks of a machine, as somebody would who sends forms by the thousand: native, on all cores.
//!
//! ```text
//! inkgate-solver                         a challenge on standard input, of our API, ALTCHA's or Cap's; its proof on
//!                                        standard output
//! inkgate-solver bench SCHEME EFFORT N   N challenges of that size; tab-separated: scheme, effort, challenges, tries,
//!                                        CPU seconds for each challenge, millions of hashes a second and core
//! ```

use std::io::Read;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use sha2::block_api::compress256;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [] => {
            let mut text = String::new();
            std::io::stdin()
                .read_to_string(&mut text)
                .expect("a challenge");
            println!("{}", proof(&serde_json::from_str(&text).expect("JSON")));
        }
        ["bench", scheme, effort, count] => bench(
            scheme,
            effort.parse().expect("a number"),
            count.parse().expect("a number"),
        ),
        _ => panic!("usage: inkgate-solver [bench SCHEME EFFORT N]"),
    }
}

/// What to send for a challenge of either protocol.
fn proof(challenge: &Value) -> Value {
    let number = |value: &Value| value.as_u64().expect("a number") as u32;
    if let Some(work) = challenge.get("work") {
        let nonce = bytes(&work["nonce"]);
        let puzzle = |index: u32| Puzzle::Inkgate {
            nonce: nonce.clone(),
            index: index as u8,
            cost: number(&work["cost"]),
            bits: number(&work["bits"]),
        };
        let counters: Vec<u32> = (0..number(&work["puzzles"]))
            .map(|n| solve(&puzzle(n)).0)
            .collect();
        return json!({ "ticket": challenge["ticket"], "work": counters });
    }
    if let Some(parameters) = challenge.get("parameters") {
        let puzzle = Puzzle::Altcha {
            nonce: bytes(&parameters["nonce"]),
            salt: bytes(&parameters["salt"]),
            cost: number(&parameters["cost"]),
            bits: 4 * parameters["keyPrefix"].as_str().expect("a prefix").len() as u32,
        };
        let counter = solve(&puzzle).0;
        let key: String = puzzle
            .attempt(counter)
            .iter()
            .map(|word| format!("{word:08x}"))
            .collect();
        return json!({ "challenge": challenge, "solution": { "counter": counter, "derivedKey": key } });
    }
    let puzzles = challenge["challenge"]
        .as_array()
        .expect("a list of puzzles");
    let of = |puzzle: &Value| Puzzle::Cap {
        salt: puzzle[0].as_str().expect("a salt").to_owned(),
        bits: 4 * puzzle[1].as_str().expect("a target").len() as u32,
    };
    let solutions: Vec<u32> = puzzles.iter().map(|puzzle| solve(&of(puzzle)).0).collect();
    json!({ "token": challenge["token"], "solutions": solutions })
}

fn bytes(hex: &Value) -> Vec<u8> {
    let hex = hex.as_str().expect("hexadecimal digits");
    let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal digits");
    (0..hex.len()).step_by(2).map(byte).collect()
}

/// Challenges as the server makes them of an effort, with nonces of our own.
fn bench(scheme: &str, effort: u32, count: u32) {
    let (begun, tries, hashes) = (processor(), AtomicU64::new(0), AtomicU64::new(0));
    for n in 0..count {
        let nonce = [
            &n.to_be_bytes()[..],
            &std::process::id().to_be_bytes(),
            &[0; 8],
        ]
        .concat();
        let puzzles: Vec<Puzzle> = match scheme {
            "inkgate" => (0..4)
                .map(|index| Puzzle::Inkgate {
                    nonce: nonce.clone(),
                    index,
                    cost: 250,
                    bits: (f64::from(effort) / 1_000.0).log2().round() as u32,
                })
                .collect(),
            "altcha" => {
                let bits = (4..24)
                    .step_by(4)
                    .find(|bits| effort >> bits <= 1_000)
                    .expect("an effort");
                let salt = nonce.clone();
                vec![Puzzle::Altcha {
                    nonce,
                    salt,
                    cost: effort >> bits,
                    bits,
                }]
            }
            "cap" => (0..(effort / 2).div_ceil(1 << 16))
                .map(|index| Puzzle::Cap {
                    salt: format!("{n:016x}{index:016x}"),
                    bits: 16,
                })
                .collect(),
            _ => panic!("inkgate, altcha or cap"),
        };
        for puzzle in &puzzles {
            let (_, tried) = solve(puzzle);
            tries.fetch_add(tried, Ordering::Relaxed);
            hashes.fetch_add(tried * puzzle.hashes(), Ordering::Relaxed);
        }
    }
    let seconds = processor() - begun;
    println!(
        "{scheme}\t{effort}\t{count}\t{}\t{:.3}\t{:.2}",
        tries.into_inner(),
        seconds / f64::from(count),
        hashes.into_inner() as f64 / seconds / 1e6,
    );
}

/// Seconds of processor time that this process has had.
fn processor() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// One puzzle of either scheme.
enum Puzzle {
    Inkgate {
        nonce: Vec<u8>,
        index: u8,
        cost: u32,
        bits: u32,
    },
    Altcha {
        nonce: Vec<u8>,
        salt: Vec<u8>,
        cost: u32,
        bits: u32,
    },
    Cap {
        salt: String,
        bits: u32,
    },
}

impl Puzzle {
    fn attempt(&self, counter: u32) -> [u32; 8] {
        match self {
            Self::Inkgate {
                nonce, index, cost, ..
            } => pbkdf2(
                &[nonce, &[*index][..]].concat(),
                &counter.to_be_bytes(),
                *cost,
            ),
            Self::Altcha {
                nonce, salt, cost, ..
            } => pbkdf2(&[nonce, &counter.to_be_bytes()[..]].concat(), salt, *cost),
            Self::Cap { salt, .. } => digits(salt.as_bytes(), counter),
        }
    }

    fn bits(&self) -> u32 {
        match self {
            Self::Inkgate { bits, .. } | Self::Altcha { bits, .. } | Self::Cap { bits, .. } => {
                *bits
            }
        }
    }

    /// Blocks of SHA-256 in a try.
    fn hashes(&self) -> u64 {
        match self {
            Self::Inkgate { cost, .. } | Self::Altcha { cost, .. } => 2 * u64::from(*cost) + 2,
            Self::Cap { .. } => 1,
        }
    }
}

/// A counter that solves a puzzle, and how many were tried. Every thread takes every nth.
fn solve(puzzle: &Puzzle) -> (u32, u64) {
    let (found, is_found, tries) = (
        AtomicU32::new(u32::MAX),
        AtomicBool::new(false),
        AtomicU64::new(0),
    );
    let cores = cores() as u32;
    std::thread::scope(|scope| {
        for first in 0..cores {
            let (found, is_found, tries) = (&found, &is_found, &tries);
            scope.spawn(move || {
                let mut tried = 0;
                for counter in (first..).step_by(cores as usize) {
                    if is_found.load(Ordering::Relaxed) {
                        break;
                    }
                    tried += 1;
                    if puzzle.attempt(counter)[0].leading_zeros() >= puzzle.bits() {
                        found.store(counter, Ordering::Relaxed);
                        is_found.store(true, Ordering::Relaxed);
                    }
                }
                tries.fetch_add(tried, Ordering::Relaxed);
            });
        }
    });
    (found.into_inner(), tries.into_inner())
}

const START: [u32; 8] = [
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

/// SHA-256 from a state on, of which `before` bytes are in the state already.
fn hash(mut state: [u32; 8], before: usize, message: &[u8]) -> [u32; 8] {
    let bits = ((before + message.len()) * 8) as u64;
    let mut padded = message.to_vec();
    padded.push(0x80);
    padded.resize((padded.len() + 8).next_multiple_of(64) - 8, 0);
    padded.extend_from_slice(&bits.to_be_bytes());
    let (blocks, _) = padded.as_chunks::<64>();
    compress256(&mut state, blocks);
    state
}

/// SHA-256 of a salt of 32 bytes and a counter in decimal digits: one block.
fn digits(salt: &[u8], mut counter: u32) -> [u32; 8] {
    let mut block = [0; 64];
    block[..32].copy_from_slice(salt);
    let count = counter.checked_ilog10().unwrap_or(0) as usize + 1;
    for place in (32..32 + count).rev() {
        block[place] = b'0' + (counter % 10) as u8;
        counter /= 10;
    }
    block[32 + count] = 0x80;
    block[62..].copy_from_slice(&((32 + count as u16) * 8).to_be_bytes());
    let mut state = START;
    compress256(&mut state, &[block]);
    state
}

/// The first block of PBKDF2-HMAC-SHA-256: two compressions an iteration, since the states behind the two pads are kept.
fn pbkdf2(password: &[u8], salt: &[u8], iterations: u32) -> [u32; 8] {
    let pad = |byte: u8| {
        let mut block = [byte; 64];
        for (place, value) in block.iter_mut().zip(password) {
            *place ^= value;
        }
        let mut state = START;
        compress256(&mut state, &[block]);
        state
    };
    let (inner, outer) = (pad(0x36), pad(0x5c));
    let first = hash(inner, 64, &[salt, &1_u32.to_be_bytes()].concat());
    let mut block = [0; 64];
    block[32] = 0x80;
    block[62..].copy_from_slice(&(96_u16 * 8).to_be_bytes());
    let step = |state: [u32; 8], mut from: [u32; 8], block: &mut [u8; 64]| {
        for (place, word) in block.chunks_exact_mut(4).zip(state) {
            place.copy_from_slice(&word.to_be_bytes());
        }
        compress256(&mut from, std::slice::from_ref(block));
        from
    };
    let mut last = step(first, outer, &mut block);
    let mut key = last;
    for _ in 1..iterations {
        let middle = step(last, inner, &mut block);
        last = step(middle, outer, &mut block);
        for (word, other) in key.iter_mut().zip(last) {
            *word ^= other;
        }
    }
    key
}
