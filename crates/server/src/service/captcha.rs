//! Challenges: issue, draw, check. Nothing is stored until a ticket is used.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use inkgate::encode::png;
use inkgate::{
    Binding, Challenge, FirstUse, Kind, Mark, OpenTicket, Pen, Refusal, Style, Styles, Timestamp,
    View,
};
use inkgate_store::{Key, Store};

use crate::Error;
use crate::clock::Clock;
use crate::service::keys::Keys;

/// Issues, draws and checks challenges.
#[derive(Clone, Debug)]
pub struct Captcha {
    keys: Keys,
    styles: Arc<Styles>,
    marks: Arc<dyn Store>,
    clock: Clock,
    life: Duration,
    pens: Arc<Mutex<Vec<Pen>>>,
}

/// The result of checking a solution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Right, and the first to be checked.
    Pass,
    /// Not accepted.
    Fail(Reason),
}

/// Why a solution was not accepted, as far as a visitor may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Wrong, used, unknown or foreign: all alike (CAP-20).
    Wrong,
    /// The ticket's life is over, or the store may have forgotten its use.
    Expired,
}

/// What the log is told of a check.
#[derive(Clone, Copy, Debug)]
enum Outcome {
    Right,
    Wrong,
    Used,
    Expired,
    /// From before the store's fence.
    Forgotten,
    OfAnotherSite,
    /// Malformed, altered, sealed with another key or for the future.
    Unknown,
}

impl Captcha {
    /// Challenges sealed with these keys, drawn in these styles, marked in this store.
    pub fn new(
        keys: Keys,
        styles: Arc<Styles>,
        marks: Arc<dyn Store>,
        clock: Clock,
        life: Duration,
    ) -> Self {
        Self {
            keys,
            styles,
            marks,
            clock,
            life,
            pens: Arc::default(),
        }
    }

    /// The styles it draws in.
    pub fn styles(&self) -> &Styles {
        &self.styles
    }

    /// How long a ticket lives.
    pub fn life(&self) -> Duration {
        self.life
    }

    /// Seals a new challenge for a site and returns its ticket.
    pub fn issue(&self, site: &str, style: &str) -> Result<String, Error> {
        let style = self.style(style).ok_or(Error::Internal("unknown style"))?;
        let now = self.clock.now();
        let challenge = Challenge {
            mark: Mark::random()?,
            kind: Kind::Picture,
            style: style.name.clone(),
            look: style.look(),
            answer: style.choose()?,
            matching: style.alphabet.matching().clone(),
            site: site.to_owned(),
            action: String::new(),
            cdata: String::new(),
            host: String::new(),
            binding: Binding::None,
            issued: now,
            expires: now + self.life,
        };
        Ok(self.keys.current().seal_ticket(&challenge, now)?)
    }

    /// The ticket's picture as PNG bytes; the same ticket gives the same bytes.
    ///
    /// Drawing asks no store, so a used ticket draws until it expires. It takes tens of
    /// microseconds, less than handing it to another thread would.
    pub fn draw(&self, ticket: &str, view: View) -> Result<Vec<u8>, Error> {
        let opened = self.open(ticket).map_err(|_| Error::Gone)?;
        let style = self.style(opened.style()).ok_or(Error::Gone)?;
        let mut pen = self.pens().pop().unwrap_or_default();
        let drawn = pen
            .draw_ticket(&opened, style, view)
            .map(png::to_vec)
            .map_err(Error::from);
        self.pens().push(pen);
        drawn
    }

    /// Checks a solution. Whatever the outcome, the ticket is used now: consume first,
    /// compare second (CAP-03, CAP-04).
    ///
    /// What the visitor is not told, the log is: why a solution failed (CAP-20).
    pub async fn check(&self, site: &str, ticket: &str, solution: &str) -> Result<Verdict, Error> {
        let outcome = self.outcome(site, ticket, solution).await?;
        tracing::info!(event = "captcha", site, outcome = ?outcome, "a solution was checked");
        Ok(match outcome {
            Outcome::Right => Verdict::Pass,
            Outcome::Expired | Outcome::Forgotten => Verdict::Fail(Reason::Expired),
            _ => Verdict::Fail(Reason::Wrong),
        })
    }

    async fn outcome(&self, site: &str, ticket: &str, solution: &str) -> Result<Outcome, Error> {
        let opened = match self.open(ticket) {
            Ok(opened) => opened,
            Err(Refusal::Expired) => return Ok(Outcome::Expired),
            Err(_) => return Ok(Outcome::Unknown),
        };
        // A ticket of another site is burnt like any other and then refused (CAP-22).
        let is_ours = opened.site() == site;
        let mark = *opened.mark();
        let life = opened.mark_life(self.clock.now());
        let key = Key::new(inkgate_store::Kind::Mark, mark.as_bytes());
        let fence = match self.marks.insert(&key, &[], life).await {
            Ok(fence) => fence,
            Err(inkgate_store::Error::Conflict) => return Ok(Outcome::Used),
            Err(error) => return Err(error.into()),
        };
        if opened.issued_before(Timestamp::from_millis(fence.as_millis())) {
            return Ok(Outcome::Forgotten);
        }
        let consumed = opened.consume(FirstUse::of(mark))?;
        Ok(match consumed.matches(solution) {
            _ if !is_ours => Outcome::OfAnotherSite,
            true => Outcome::Right,
            false => Outcome::Wrong,
        })
    }

    fn open(&self, ticket: &str) -> Result<OpenTicket, Refusal> {
        self.keys.current().open_ticket(ticket, self.clock.now())
    }

    fn style(&self, name: &str) -> Option<&Style> {
        self.styles.get(name)
    }

    fn pens(&self) -> std::sync::MutexGuard<'_, Vec<Pen>> {
        self.pens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
