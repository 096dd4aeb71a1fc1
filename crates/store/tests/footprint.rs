//! A million used marks stay within 64 MiB of memory. A test of its own, because it reads the size of its process.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test file, helpers included")]

use std::time::Duration;

use inkgate_store::{Error, Key, Kind, MemoryStore, Store};

const MIB: usize = 1 << 20;

#[tokio::test]
async fn a_million_marks_stay_within_64_mib() {
    let store = MemoryStore::new();
    let before = resident();
    let mark = |n: u32| Key::new(Kind::Mark, &n.to_be_bytes());
    let life = |n: u32| Duration::from_secs(if n.is_multiple_of(2) { 300 } else { 0 });
    for n in 0..1_000_000 {
        store.insert(&mark(n), b"", life(n)).await.unwrap();
    }
    let grown = resident() - before;
    assert!(grown <= 64 * MIB, "{} MiB", grown / MIB);
    // As full again after half of them were replaced, which is when a map wastes most.
    for n in 1_000_000..1_500_000 {
        store.insert(&mark(n), b"", life(0)).await.unwrap();
    }
    let refused = store.insert(&mark(1_500_000), b"", life(0)).await;
    assert!(matches!(refused, Err(Error::Full)));
    let grown = resident() - before;
    println!("{} KiB", grown / 1024);
    assert!(grown <= 64 * MIB, "{} MiB", grown / MIB);
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
