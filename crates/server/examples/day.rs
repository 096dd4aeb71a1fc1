//! A day of a site under attack, against the policy and the throttles as they are: what got through, what it cost,
//! and what honest visitors felt. `lab/work/run` makes a table and a plot of what this prints.
//!
//! One line for each attack, then one for each hour of the attack that is plotted. Chance is seeded, time is simulated.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for a terminal"
)]

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use inkgate::Timestamp;
use inkgate_server::config::PolicyConfig;
use inkgate_server::service::limiter::{Act, Limiter, Prefix};
use inkgate_server::service::policy::{Level, Policy};
use inkgate_server::{Clock, Metrics};

/// Visits of people in a day, most of them by daylight.
const VISITS: f64 = 5_000.0;
/// One in five comes through the one address of a campus.
const CAMPUS: f64 = 0.2;
/// Dollars for an hour of a core, on demand.
const CORE_HOUR: f64 = 0.04;
/// Processor seconds of the native solver for the work of the lowest level (`lab/work/run`).
const WORK_SECONDS: f64 = 0.11;
/// When the attack begins and ends, in seconds of the day.
const ATTACK: std::ops::Range<u64> = 6 * 3_600..18 * 3_600;

/// How an attacker answers a picture: how often rightly, also longer ones, and at what price.
#[derive(Clone, Copy)]
struct Solver {
    name: &'static str,
    right: f64,
    right_longer: f64,
    processor_seconds: f64,
    dollars: f64,
}

const SOLVERS: [Solver; 4] = [
    Solver {
        name: "stock recognition",
        right: 0.01,
        right_longer: 0.003,
        processor_seconds: 0.3,
        dollars: 0.0,
    },
    Solver {
        name: "adapted recognition",
        right: 0.56,
        right_longer: 0.44,
        processor_seconds: 0.7,
        dollars: 0.0,
    },
    Solver {
        name: "trained reader",
        right: 0.78,
        right_longer: 0.70,
        processor_seconds: 0.02,
        dollars: 0.0,
    },
    Solver {
        name: "people for hire",
        right: 0.95,
        right_longer: 0.92,
        processor_seconds: 0.0,
        dollars: 0.001,
    },
];

struct Attack {
    solver: Solver,
    /// Each in a network of its own.
    addresses: u32,
    tries_a_second: u32,
    budget: f64,
}

#[derive(Default)]
struct Outcome {
    tries: u64,
    through: u64,
    throttled: u64,
    dollars: f64,
    visits: u64,
    asked_more: u64,
    refused: u64,
    hours: [Hour; 24],
}

#[derive(Clone, Copy, Default)]
struct Hour {
    through: u64,
    visits: u64,
    asked_more: u64,
}

fn main() {
    println!(
        "asks\tpolicy\tsolver\taddresses\ttries\tthrottled\tthrough\tdollars\tthrough_a_dollar\tvisits\tasked_more\trefused"
    );
    for floor in [Level::Work, Level::Picture] {
        for adaptive in [false, true] {
            for solver in SOLVERS {
                for addresses in [10, 1_000, 20_000] {
                    let attack = Attack {
                        solver,
                        addresses,
                        tries_a_second: 10,
                        budget: 10.0,
                    };
                    let day = day(floor, adaptive, Some(&attack));
                    print(floor, adaptive, solver.name, addresses, &day);
                }
            }
            print(floor, adaptive, "nobody", 0, &day(floor, adaptive, None));
        }
    }
    println!("\nhour\tpolicy\tthrough\tvisits\tasked_more");
    let attack = Attack {
        solver: SOLVERS[2],
        addresses: 1_000,
        tries_a_second: 10,
        budget: 10.0,
    };
    for adaptive in [false, true] {
        let day = day(Level::Work, adaptive, Some(&attack));
        for (
            hour,
            Hour {
                through,
                visits,
                asked_more,
            },
        ) in day.hours.iter().enumerate()
        {
            println!(
                "{hour}\t{}\t{through}\t{visits}\t{asked_more}",
                on(adaptive)
            );
        }
    }
}

fn on(adaptive: bool) -> &'static str {
    if adaptive { "adaptive" } else { "off" }
}

fn print(floor: Level, adaptive: bool, solver: &str, addresses: u32, day: &Outcome) {
    let Outcome {
        tries,
        throttled,
        through,
        dollars,
        visits,
        asked_more,
        refused,
        ..
    } = day;
    let worth = if *dollars > 0.0 {
        *through as f64 / dollars
    } else {
        0.0
    };
    println!(
        "{}\t{}\t{solver}\t{addresses}\t{tries}\t{throttled}\t{through}\t{dollars:.2}\t{worth:.0}\t{visits}\t{asked_more}\t{refused}",
        floor.name(),
        on(adaptive),
    );
}

fn day(floor: Level, adaptive: bool, attack: Option<&Attack>) -> Outcome {
    let clock = Clock::manual(Timestamp::from_millis(1_795_219_200_000));
    let settings = PolicyConfig {
        adaptive,
        ..PolicyConfig::default()
    };
    let nowhere = std::env::temp_dir().join("inkgate-no-such-switch");
    let policy = Policy::new(true, settings, nowhere, clock.clone(), Metrics::default());
    let limiter = Limiter::new(true, clock.clone(), Metrics::default());
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let mut outcome = Outcome::default();
    for second in 0..86_400_u64 {
        let hour = (second / 3_600) as usize;
        if chance.is(visits_a_second(second)) {
            visit(floor, &policy, &limiter, &mut chance, &mut outcome, hour);
        }
        if let Some(attack) = attack.filter(|_| ATTACK.contains(&second)) {
            for _ in 0..attack.tries_a_second {
                try_once(
                    floor,
                    attack,
                    &policy,
                    &limiter,
                    &mut chance,
                    &mut outcome,
                    hour,
                );
            }
        }
        clock.advance(Duration::from_secs(1));
        if second % 60 == 0 {
            limiter.sweep();
        }
    }
    outcome
}

/// As a wave: none at four in the morning, most at four in the afternoon.
fn visits_a_second(second: u64) -> f64 {
    let angle = (second as f64 / 86_400.0 - 4.0 / 24.0) * std::f64::consts::TAU;
    VISITS / 86_400.0 * (1.0 - angle.cos())
}

/// Somebody tries up to three times, then gives up.
fn visit(
    floor: Level,
    policy: &Policy,
    limiter: &Limiter,
    chance: &mut Chance,
    outcome: &mut Outcome,
    hour: usize,
) {
    let address = match chance.is(CAMPUS) {
        true => Ipv4Addr::new(203, 0, 113, 5),
        false => Ipv4Addr::from(0x6440_0000 | chance.below(1 << 22)),
    };
    let prefix = Prefix::from(IpAddr::V4(address));
    let mut passed = false;
    let mut more = false;
    for _ in 0..3 {
        if limiter.admit(Act::Issue, prefix).is_err() || limiter.admit(Act::Check, prefix).is_err()
        {
            break;
        }
        let (level, _) = policy.ask("shop", floor, prefix);
        more |= level > floor;
        // As careful readers read: 196 of 200, and fewer of longer ones.
        passed = chance.is(match level {
            Level::Work => 0.999,
            Level::Longer => 0.93,
            _ => 0.96,
        });
        policy.saw("shop", prefix, passed);
        if passed {
            break;
        }
    }
    let hour = &mut outcome.hours[hour];
    for count in [&mut outcome.visits, &mut hour.visits] {
        *count += 1;
    }
    if more {
        outcome.asked_more += 1;
        hour.asked_more += 1;
    }
    outcome.refused += u64::from(!passed);
}

/// One try from the next address. Where work or a picture will do, the cheaper is taken.
fn try_once(
    floor: Level,
    attack: &Attack,
    policy: &Policy,
    limiter: &Limiter,
    chance: &mut Chance,
    outcome: &mut Outcome,
    hour: usize,
) {
    if outcome.dollars >= attack.budget {
        return;
    }
    let host = chance.below(attack.addresses);
    let address = Ipv4Addr::from(0x2d00_0007 + (host << 8));
    let prefix = Prefix::from(IpAddr::V4(address));
    outcome.tries += 1;
    if limiter.admit(Act::Issue, prefix).is_err() || limiter.admit(Act::Check, prefix).is_err() {
        outcome.throttled += 1;
        return;
    }
    let (level, _) = policy.ask("shop", floor, prefix);
    let solver = attack.solver;
    let seconds = |seconds: f64| seconds * CORE_HOUR / 3_600.0;
    let work = seconds(WORK_SECONDS * f64::from(level.times()));
    let read = seconds(solver.processor_seconds) + solver.dollars;
    let (right, price) = match level {
        Level::Work if work < read / solver.right => (1.0, work),
        Level::Work | Level::Picture => (solver.right, read),
        Level::PictureAndWork => (solver.right, read + work),
        Level::Longer => (solver.right_longer, read + work),
    };
    outcome.dollars += price;
    let is_right = chance.is(right);
    policy.saw("shop", prefix, is_right);
    outcome.through += u64::from(is_right);
    outcome.hours[hour].through += u64::from(is_right);
}

/// A small generator (xorshift64*), so that a day is the same day each time.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11
    }

    fn is(&mut self, share: f64) -> bool {
        (self.next() as f64 / (1_u64 << 53) as f64) < share
    }

    fn below(&mut self, bound: u32) -> u32 {
        (self.next() % u64::from(bound)) as u32
    }
}
