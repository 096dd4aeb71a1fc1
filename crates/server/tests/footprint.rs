//! Ten million addresses leave the limiter small, and a blocked one blocked. A test of its own,
//! because it reads the size of its process.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test file, helpers included")]

use std::net::IpAddr;

use inkgate::Timestamp;
use inkgate_server::service::limiter::{Act, Limiter, Prefix};
use inkgate_server::{Clock, Metrics};

const MIB: usize = 1 << 20;

/// THR-07
#[test]
fn ten_million_addresses_grow_memory_by_less_than_64_mib_and_free_no_blocked_one() {
    let clock = Clock::manual(Timestamp::from_millis(1_000_000));
    let limiter = Limiter::new(true, clock, Metrics::default());
    let blocked: Vec<_> = (0..100).map(|n| prefix(u64::MAX - n)).collect();
    for who in &blocked {
        while limiter.admit(Act::Check, *who).is_ok() {}
    }
    let before = resident();
    // A stride of odd length visits no prefix twice.
    for n in 0..10_000_000u64 {
        let _ = limiter.admit(Act::Check, prefix(n.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    }
    let grown = resident().saturating_sub(before);
    println!("{} KiB", grown / 1024);
    assert!(grown < 64 * MIB, "{} MiB", grown / MIB);
    for who in &blocked {
        assert!(limiter.admit(Act::Check, *who).is_err());
    }
}

fn prefix(bits: u64) -> Prefix {
    IpAddr::from((u128::from(bits) << 64).to_be_bytes()).into()
}

/// Bytes of this process that are in memory.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    let kib: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib * 1024
}
