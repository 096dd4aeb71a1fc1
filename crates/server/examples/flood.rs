//! Whether ten thousand wrong proofs a second slow pictures: draws pictures with and without such a flood, in this
//! process, and prints tab-separated: wrong proofs a second, pictures, microseconds a picture (median, 99 of 100), and
//! the cores that all of it took.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for a terminal"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use inkgate::encode::Format;
use inkgate::{Keyring, Scheme, Timestamp, View};
use inkgate_server::service::captcha::{Order, Proof};
use inkgate_server::service::keys::Keys;
use inkgate_server::service::policy::Level;
use inkgate_server::{AppState, Clock, Config, Foundation};
use inkgate_store::{Caps, MemoryMembers, MemorySites, MemoryStore};
use rustix::time::{ClockId, clock_gettime};

const SECONDS: u64 = 10;

#[tokio::main]
async fn main() {
    println!("wrong_a_second\tpictures\tmedian\tp99\tcores");
    for wrong_a_second in [0, 10_000, 0, 10_000] {
        run(wrong_a_second).await;
    }
}

async fn run(wrong_a_second: u64) {
    let state = state();
    let order = |asks| Order {
        site: "shop",
        site_name: "shop",
        style: "ink",
        host: "shop.example",
        asks,
        ..Order::default()
    };
    let work = Level::Work.asks(Scheme::Inkgate, 1_000_000);
    let count = wrong_a_second * SECONDS;
    let tickets: Vec<String> = (0..count)
        .map(|_| state.captcha.issue(&order(work)).unwrap())
        .collect();
    let picture = state
        .captcha
        .issue(&order(Level::Picture.asks(Scheme::Inkgate, 1)))
        .unwrap();
    let (begun, spent) = (Instant::now(), processor());
    let flood = tokio::spawn(flood(state.clone(), tickets, wrong_a_second));
    let mut times = Vec::new();
    while begun.elapsed() < Duration::from_secs(SECONDS) {
        tokio::time::sleep(Duration::from_millis(5)).await;
        let asked = Instant::now();
        let (state, picture) = (state.clone(), picture.clone());
        // As a request's own task would.
        let drawn =
            tokio::spawn(async move { state.captcha.draw(&picture, View::default(), Format::Png) });
        assert!(!drawn.await.unwrap().unwrap().is_empty());
        times.push(asked.elapsed().as_micros());
    }
    let cores = (processor() - spent) / begun.elapsed().as_secs_f64();
    let checked = flood.await.unwrap();
    assert_eq!(checked, count, "all of them were checked and refused");
    times.sort_unstable();
    let (median, p99) = (times[times.len() / 2], times[times.len() * 99 / 100]);
    println!(
        "{wrong_a_second}\t{}\t{median}\t{p99}\t{cores:.2}",
        times.len()
    );
}

/// Sends each ticket once with counters that are none, a hundredth of a second's worth at a time.
async fn flood(state: AppState, tickets: Vec<String>, a_second: u64) -> u64 {
    let mut beat = tokio::time::interval(Duration::from_millis(10));
    let mut sent = Vec::with_capacity(tickets.len());
    for some in tickets.chunks((a_second / 100).max(1) as usize) {
        beat.tick().await;
        for ticket in some {
            let (state, ticket) = (state.clone(), ticket.clone());
            sent.push(tokio::spawn(async move {
                let counters = [0; 4];
                let proof = Proof {
                    solution: None,
                    counters: Some(&counters),
                };
                state.captcha.check("shop", &ticket, proof).await.unwrap();
            }));
        }
    }
    let mut done = 0;
    for one in sent {
        done += u64::from(one.await.is_ok());
    }
    done
}

fn state() -> AppState {
    let clock = Clock::system();
    let foundation = Foundation {
        store: Arc::new(MemoryStore::with_caps(Caps {
            marks: 1_000_000,
            ..Caps::default()
        })),
        members: Arc::new(MemoryMembers::new()),
        sites: Arc::new(MemorySites::new()),
        keys: Keys::fixed(Keyring::generate(Timestamp::from_millis(0)).unwrap()),
        clock,
    };
    AppState::build(Config::default(), foundation).unwrap()
}

/// Seconds of processor time that this process has had.
fn processor() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
