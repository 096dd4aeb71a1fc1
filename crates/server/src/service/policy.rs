//! What a visitor is asked for: as little as the moment needs.
//!
//! A site says where it begins. From there the demand rises at once, with failures from one address or network,
//! with the share of failures on the site, and while it is under attack, and falls slowly, as what was seen is
//! forgotten. Nothing that a browser keeps takes part. What is counted lives in this process, in bounded memory.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use inkgate::Scheme;

use crate::clock::Clock;
use crate::config::PolicyConfig;
use crate::metrics::Metrics;
use crate::service::captcha::Asks;
use crate::service::limiter::Prefix;

/// How much is asked for, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// A machine's work, and nothing of the visitor.
    Work,
    /// A picture.
    Picture,
    /// A picture, and work besides.
    PictureAndWork,
    /// A picture with a longer answer, and more work.
    Longer,
}

impl Level {
    /// Its word in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Work => "work",
            Self::Picture => "picture",
            Self::PictureAndWork => "picture_and_work",
            Self::Longer => "longer",
        }
    }

    /// How many times the work of the lowest level is asked for.
    pub const fn times(self) -> u32 {
        match self {
            Self::Work => 1,
            Self::Picture => 2,
            Self::PictureAndWork => 4,
            Self::Longer => 8,
        }
    }

    /// What a challenge of this level asks for, with work of this scheme: `effort` iterations at the lowest level.
    pub fn asks(self, scheme: Scheme, effort: u32) -> Asks {
        let work = scheme.work(effort.saturating_mul(self.times()));
        Asks {
            work: (self != Self::Picture).then_some(work),
            no_picture: self == Self::Work,
            longer: if self == Self::Longer { LONGER } else { 0 },
        }
    }

    /// The same for whoever can only work: more work in the place of a picture.
    pub fn work_alone(self, scheme: Scheme, effort: u32) -> Asks {
        Asks {
            work: Some(scheme.work(effort.saturating_mul(self.times()))),
            no_picture: true,
            longer: 0,
        }
    }

    fn raised(self, steps: u8) -> Self {
        const ALL: [Level; 4] = [
            Level::Work,
            Level::Picture,
            Level::PictureAndWork,
            Level::Longer,
        ];
        ALL[(self as usize + usize::from(steps)).min(ALL.len() - 1)]
    }
}

/// What decided how much is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// The site asks for so much of everybody.
    Site,
    /// Failures, or many successes, of this address.
    Address,
    /// Those of its network.
    Network,
    /// The share of failures among all tries on the site.
    Failures,
    /// More challenges on the site than it usually has.
    Rate,
    /// The operator says so.
    Hand,
}

impl Why {
    /// Its word in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Address => "address",
            Self::Network => "network",
            Self::Failures => "failures",
            Self::Rate => "rate",
            Self::Hand => "hand",
        }
    }
}

/// Decides what is asked for.
#[derive(Clone, Debug)]
pub struct Policy {
    /// `None` where everybody is asked for what the site says.
    seen: Option<Arc<Mutex<Seen>>>,
    settings: PolicyConfig,
    /// While this file is there, every site is under attack.
    switch: PathBuf,
    clock: Clock,
    metrics: Metrics,
}

impl Policy {
    /// A policy under these settings. `switch` is the file that switches "under attack" by hand.
    pub fn new(
        is_on: bool,
        settings: PolicyConfig,
        switch: PathBuf,
        clock: Clock,
        metrics: Metrics,
    ) -> Self {
        let is_on = is_on && settings.adaptive;
        Self {
            seen: is_on.then(Arc::default),
            settings,
            switch,
            clock,
            metrics,
        }
    }

    /// What a visitor of a site is asked for now, and counts that a challenge was asked for.
    pub fn ask(&self, site: &str, floor: Level, prefix: Prefix) -> (Level, Why) {
        let decided = self.decide(site, floor, prefix);
        let (level, why) = decided;
        self.metrics.asked(site, level.name(), why.name());
        decided
    }

    fn decide(&self, site: &str, floor: Level, prefix: Prefix) -> (Level, Why) {
        let Some(seen) = &self.seen else {
            return (floor, Why::Site);
        };
        let now = self.clock.now().as_millis();
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = &mut *seen;
        seen.look_at_switch(&self.switch, now);
        let forget = self.settings.forget_seconds * 1_000;
        let steps = |key, forget, scale| {
            let heat = seen.heat.of(&key, forget, now);
            steps(heat, self.settings.failures * scale)
        };
        let address = steps(Key::address(prefix), forget, 1);
        let network = steps(Key::network(prefix), forget / NETWORK, NETWORK);
        let state = seen.sites.entry(digest(site)).or_default();
        let is_flooded = state.asked(self.settings.attack_per_minute, now);
        let mut decided = (floor, Why::Site);
        let mut raise = |level: Level, why| {
            if level > decided.0 {
                decided = (level, why);
            }
        };
        raise(floor.raised(address), Why::Address);
        raise(floor.raised(network), Why::Network);
        raise(floor.raised(state.steps(now)), Why::Failures);
        let attacked = floor.raised(1).max(Level::PictureAndWork);
        if is_flooded {
            raise(attacked, Why::Rate);
        }
        if seen.is_switched {
            raise(attacked, Why::Hand);
        }
        let begins = [
            (Why::Rate, is_flooded, &mut state.was_flooded),
            (Why::Hand, seen.is_switched, &mut state.was_switched),
        ];
        for (why, is_so, was_so) in begins {
            if is_so && !std::mem::replace(was_so, is_so) {
                self.rose(site, why);
            }
            *was_so = is_so;
        }
        decided
    }

    /// Learns what came of a try. A failure counts whole; a success a little, since a machine that never fails is
    /// one, too.
    pub fn saw(&self, site: &str, prefix: Prefix, is_right: bool) {
        self.saw_from(site, prefix, is_right);
        self.saw_on(site, is_right);
    }

    /// Learns of the address that a try came from, and tells which site it was on.
    pub fn saw_from(&self, site: &str, prefix: Prefix, is_right: bool) {
        let points = if is_right { WHOLE / 8 } else { WHOLE };
        let forget = self.settings.forget_seconds * 1_000;
        self.learn(|seen, now| {
            for (key, why, scale) in [
                (Key::address(prefix), Why::Address, 1),
                (Key::network(prefix), Why::Network, NETWORK),
            ] {
                let steps = |heat: &Heat| {
                    let heat = heat.of(&key, forget / scale, now);
                    steps(heat, self.settings.failures * scale)
                };
                let before = steps(&seen.heat);
                seen.heat.add(key, points, forget / scale, now);
                if steps(&seen.heat) > before {
                    self.rose(site, why);
                }
            }
        });
    }

    /// Learns of a try on a site, from whatever address.
    pub fn saw_on(&self, site: &str, is_right: bool) {
        self.learn(|seen, now| {
            let state = seen.sites.entry(digest(site)).or_default();
            let before = state.steps(now);
            state.saw(is_right, self.settings.failure_percent, now);
            if state.steps(now) > before {
                self.rose(site, Why::Failures);
            }
        });
    }

    fn learn(&self, of: impl FnOnce(&mut Seen, u64)) {
        if let Some(seen) = &self.seen {
            let now = self.clock.now().as_millis();
            of(
                &mut seen.lock().unwrap_or_else(PoisonError::into_inner),
                now,
            );
        }
    }

    /// Tells the operator that more is asked for, and why.
    fn rose(&self, site: &str, why: Why) {
        self.metrics.rose(site, why.name());
        tracing::info!(
            event = "policy",
            site,
            why = why.name(),
            "more is asked for"
        );
    }
}

/// Symbols that a longer answer has more.
pub(crate) const LONGER: usize = 2;

/// A network has so many times the failures of an address to spend, and is forgiven as much faster.
const NETWORK: u64 = 4;
/// One failure.
const WHOLE: u64 = 1_000;

/// Steps up for this heat: one at `failures`, two at twice, three at four times as many.
fn steps(heat: u64, failures: u64) -> u8 {
    let one = failures * WHOLE;
    [one, 2 * one, 4 * one]
        .iter()
        .filter(|&&bound| heat >= bound)
        .count() as u8
}

#[derive(Debug, Default)]
struct Seen {
    heat: Heat,
    /// By a digest of their names: as many as the installation has, and one for what is no site's.
    sites: HashMap<u64, SiteState>,
    is_switched: bool,
    looked_at: u64,
}

impl Seen {
    /// Once a second at most.
    fn look_at_switch(&mut self, switch: &std::path::Path, now: u64) {
        if now >= self.looked_at + 1_000 || self.looked_at == 0 {
            self.looked_at = now;
            self.is_switched = switch.exists();
        }
    }
}

/// Who is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    Address(Prefix),
    Network(Prefix),
}

impl Key {
    fn address(prefix: Prefix) -> Self {
        Self::Address(prefix)
    }

    fn network(prefix: Prefix) -> Self {
        Self::Network(prefix.network())
    }
}

/// Keys remembered in all: at 50 bytes and a map with room for twice as many, 13 MiB.
const CAPACITY: usize = 1 << 17;

/// Failures, leaking away at a steady rate: for each key when nothing of them is left.
#[derive(Debug, Default)]
struct Heat {
    cold_at: HashMap<Key, u64>,
    /// Those who come when the table is full share one entry: a flood of addresses pushes nobody out.
    newcomers: u64,
    swept: u64,
}

impl Heat {
    fn of(&self, key: &Key, forget: u64, now: u64) -> u64 {
        let is_full = self.cold_at.len() >= CAPACITY;
        let cold_at = match self.cold_at.get(key) {
            Some(cold_at) => *cold_at,
            None if is_full => self.newcomers,
            None => return 0,
        };
        cold_at.saturating_sub(now) * WHOLE / forget.max(1)
    }

    fn add(&mut self, key: Key, points: u64, forget: u64, now: u64) {
        if self.cold_at.len() >= CAPACITY && now > self.swept + 1_000 {
            self.cold_at.retain(|_, cold_at| *cold_at > now);
            self.swept = now;
        }
        let is_full = self.cold_at.len() >= CAPACITY && !self.cold_at.contains_key(&key);
        let cold_at = match is_full {
            true => &mut self.newcomers,
            false => self.cold_at.entry(key).or_insert(now),
        };
        // An hour is the longest memory: nobody is locked out for a day by one bad night.
        let longest = now + LONGEST_MEMORY;
        *cold_at = ((*cold_at).max(now) + points * forget / WHOLE).min(longest);
    }
}

const LONGEST_MEMORY: u64 = 3_600_000;

/// What a site has seen lately.
#[derive(Debug, Default)]
struct SiteState {
    right: Fading,
    wrong: Fading,
    /// Challenges asked for.
    asked: Fading,
    /// Steps up for failures, and until when at least.
    steps: u8,
    steps_until: u64,
    flooded_until: u64,
    /// So that the beginning of either is told once.
    was_flooded: bool,
    was_switched: bool,
}

/// A rise lasts so long after what caused it, then falls by a step.
const HOLD: u64 = 600_000;
/// Fewer tries than these say nothing about a site.
const FEWEST: f64 = 40.0;

impl SiteState {
    fn saw(&mut self, is_right: bool, percent: u64, now: u64) {
        let (hit, other) = match is_right {
            true => (&mut self.right, &mut self.wrong),
            false => (&mut self.wrong, &mut self.right),
        };
        hit.add(now);
        other.fade(now);
        let all = self.right.count + self.wrong.count;
        let share = 100.0 * self.wrong.count / all.max(1.0);
        let asked = percent as f64;
        // Half of what is left up to all of them failing is the second step.
        let steps = match all >= FEWEST {
            true if share >= asked + (100.0 - asked) / 2.0 => 2,
            true if share >= asked => 1,
            _ => 0,
        };
        if steps >= self.steps(now) && steps > 0 {
            (self.steps, self.steps_until) = (steps, now + HOLD);
        }
    }

    fn steps(&mut self, now: u64) -> u8 {
        while self.steps > 0 && now >= self.steps_until {
            self.steps -= 1;
            self.steps_until += HOLD;
        }
        self.steps
    }

    /// Counts a challenge; whether they come faster than `per_minute`, or did lately.
    fn asked(&mut self, per_minute: u64, now: u64) -> bool {
        self.asked.add(now);
        // A steady rate of r a minute keeps a fading count at r times its mean life in minutes.
        let bound = per_minute as f64 * MEAN_LIFE / 60_000.0;
        if self.asked.count >= bound {
            self.flooded_until = now + HOLD;
        }
        now < self.flooded_until
    }
}

/// A count that fades: each event by half in five minutes.
#[derive(Debug, Default)]
struct Fading {
    count: f64,
    at: u64,
}

/// Of an event, in milliseconds: five minutes over the logarithm of two.
const MEAN_LIFE: f64 = 300_000.0 / std::f64::consts::LN_2;

impl Fading {
    fn fade(&mut self, now: u64) {
        let elapsed = now.saturating_sub(self.at) as f64;
        self.count *= (-elapsed / MEAN_LIFE).exp();
        self.at = now;
    }

    fn add(&mut self, now: u64) {
        self.fade(now);
        self.count += 1.0;
    }
}

fn digest(site: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    site.hash(&mut hasher);
    hasher.finish()
}
