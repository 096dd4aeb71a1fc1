//! Checks a proof of work so many times: `scripts/proofs` counts the instructions of one.
//!
//! usage: proof SCHEME right|wrong COUNT
#![allow(clippy::unwrap_used, reason = "a program for a script")]

use std::hint::black_box;

use inkgate::{Puzzles, Scheme, Seed, Work};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let scheme = match &*arguments[0] {
        "inkgate" => Scheme::Inkgate,
        "altcha" => Scheme::Altcha,
        _ => Scheme::Cap,
    };
    // As dear to check as the dearest that a server issues, and easy to solve: bits do not matter to whoever checks.
    let dearest = [1_000_000, 4_000_000, 8_000_000].map(|effort| scheme.work(effort));
    let cost = |work: &Work| u32::from(work.puzzles) * u32::from(work.cost);
    let dear = dearest.into_iter().max_by_key(cost).unwrap();
    let bits = if scheme == Scheme::Inkgate { 1 } else { 4 };
    let puzzles = Puzzles::new(Work { bits, ..dear }, &Seed::from_bytes([3; 32]));
    let mut proof = puzzles.solve();
    if arguments[1] == "wrong" {
        proof[0] = (0..)
            .find(|&counter| !puzzles.is_solved(0, counter))
            .unwrap();
    }
    for _ in 0..arguments[2].parse::<u32>().unwrap() {
        assert_eq!(
            black_box(&puzzles).are_solved_by(&proof),
            arguments[1] == "right"
        );
    }
}
