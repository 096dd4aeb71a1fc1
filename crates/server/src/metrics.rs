//! What is counted, for an operator's Prometheus: the way of a challenge from its issue to its
//! redemption. Labels have few values, none of them a visitor's word (LOG-05): sites by their
//! names, styles, outcomes, routes.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Counters, shared by all services of a server.
#[derive(Clone)]
pub struct Metrics(Arc<Counters>);

struct Counters {
    registry: Registry,
    issued: Family<Challenge, Counter>,
    drawn: Family<Drawn, Counter>,
    checked: Family<Checked, Counter>,
    solve_seconds: Family<Challenge, Histogram>,
    redemptions: Family<Redeemed, Counter>,
    throttled: Family<Throttled, Counter>,
    asked: Family<Asked, Counter>,
    rises: Family<Rise, Counter>,
    requests: Family<Answered, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Challenge {
    site: String,
    kind: &'static str,
    style: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Drawn {
    style: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Checked {
    site: String,
    kind: &'static str,
    style: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Redeemed {
    site: String,
    dialect: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Throttled {
    act: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    site: String,
    asks: &'static str,
    why: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Rise {
    site: String,
    why: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: String,
    status: u16,
}

impl Challenge {
    fn of(site: &str, kind: &'static str, style: &str) -> Self {
        Self {
            site: site.to_owned(),
            kind,
            style: style.to_owned(),
        }
    }
}

/// People take seconds; what is much faster is a machine, what is much slower was left open.
const SOLVE_SECONDS: [f64; 10] = [0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0, 300.0];

impl Default for Metrics {
    fn default() -> Self {
        let mut counters = Counters {
            registry: Registry::with_prefix("inkgate"),
            issued: Family::default(),
            drawn: Family::default(),
            checked: Family::default(),
            solve_seconds: Family::new_with_constructor(|| Histogram::new(SOLVE_SECONDS)),
            redemptions: Family::default(),
            throttled: Family::default(),
            asked: Family::default(),
            rises: Family::default(),
            requests: Family::default(),
        };
        let registry = &mut counters.registry;
        registry.register("challenges", "Challenges issued", counters.issued.clone());
        registry.register("pictures", "Pictures drawn", counters.drawn.clone());
        registry.register(
            "solutions",
            "Solutions checked: right, wrong, used, expired, forgotten, foreign, unknown",
            counters.checked.clone(),
        );
        registry.register(
            "solve_seconds",
            "Time from the issue of a challenge to its right solution",
            counters.solve_seconds.clone(),
        );
        registry.register(
            "redemptions",
            "Tokens shown at siteverify",
            counters.redemptions.clone(),
        );
        registry.register(
            "throttled",
            "Acts that a limit refused",
            counters.throttled.clone(),
        );
        registry.register(
            "asked",
            "Challenges by what they ask for, and what decided it: site, address, network, failures, rate, hand",
            counters.asked.clone(),
        );
        registry.register(
            "rises",
            "Times that an address, a network or a whole site began to be asked for more, and why",
            counters.rises.clone(),
        );
        registry.register("requests", "Requests answered", counters.requests.clone());
        Self(Arc::new(counters))
    }
}

impl Metrics {
    pub(crate) fn issued(&self, site: &str, kind: &'static str, style: &str) {
        let labels = Challenge::of(site, kind, style);
        self.0.issued.get_or_create(&labels).inc();
    }

    pub(crate) fn drawn(&self, style: &str) {
        let style = style.to_owned();
        self.0.drawn.get_or_create(&Drawn { style }).inc();
    }

    pub(crate) fn checked(
        &self,
        site: &str,
        kind: &'static str,
        style: &str,
        outcome: &'static str,
    ) {
        let labels = Checked {
            site: site.to_owned(),
            kind,
            style: style.to_owned(),
            outcome,
        };
        self.0.checked.get_or_create(&labels).inc();
    }

    pub(crate) fn solved_after(&self, site: &str, kind: &'static str, style: &str, time: Duration) {
        let labels = Challenge::of(site, kind, style);
        let times = self.0.solve_seconds.get_or_create(&labels);
        times.observe(time.as_secs_f64());
    }

    pub(crate) fn redeemed(&self, site: &str, dialect: &'static str, outcome: &'static str) {
        let labels = Redeemed {
            site: site.to_owned(),
            dialect,
            outcome,
        };
        self.0.redemptions.get_or_create(&labels).inc();
    }

    pub(crate) fn throttled(&self, act: &'static str) {
        self.0.throttled.get_or_create(&Throttled { act }).inc();
    }

    pub(crate) fn asked(&self, site: &str, asks: &'static str, why: &'static str) {
        let labels = Asked {
            site: site.to_owned(),
            asks,
            why,
        };
        self.0.asked.get_or_create(&labels).inc();
    }

    pub(crate) fn rose(&self, site: &str, why: &'static str) {
        let site = site.to_owned();
        self.0.rises.get_or_create(&Rise { site, why }).inc();
    }

    pub(crate) fn answered(&self, route: &str, status: u16) {
        let labels = Answered {
            route: route.to_owned(),
            status,
        };
        self.0.requests.get_or_create(&labels).inc();
    }

    /// All of it as text, in the form that Prometheus reads (OpenMetrics 1.0).
    pub(crate) fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.0.registry)?;
        Ok(text)
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}
