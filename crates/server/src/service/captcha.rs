//! Challenges: issue, draw, check. Nothing is stored until a ticket is used.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use inkgate::encode::Format;
use inkgate::{
    Binding, Challenge, Consumed, Contents, Kind, Look, Mark, OpenTicket, Pen, Refusal, Style,
    Styles, Via, View,
};

use crate::Error;
use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::service::keys::Keys;
use crate::service::marks::Marks;
use crate::service::sites::Book;

/// Issues, draws and checks challenges.
#[derive(Clone, Debug)]
pub struct Captcha {
    keys: Keys,
    styles: Arc<Styles>,
    /// Of each style by its name: a digest that takes longer than sealing.
    looks: Arc<HashMap<String, Look>>,
    marks: Marks,
    clock: Clock,
    lives: Lives,
    metrics: Metrics,
    pens: Arc<Mutex<Vec<Pen>>>,
}

/// The name of no site and of no style.
const NOBODY: &str = "-";

/// How long what is sealed lives.
#[derive(Clone, Copy, Debug)]
pub struct Lives {
    /// A ticket.
    pub ticket: Duration,
    /// A token.
    pub token: Duration,
}

/// What a challenge is issued for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Order<'a> {
    /// The site key.
    pub site: &'a str,
    /// What the site is called where challenges are counted.
    pub site_name: &'a str,
    /// The style of its picture.
    pub style: &'a str,
    /// What the visitor is about to do.
    pub action: &'a str,
    /// The page's own text.
    pub cdata: &'a str,
    /// The host that the page is on.
    pub host: &'a str,
}

/// The result of checking a solution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict<T = ()> {
    /// Right, and the first to be checked; a site's page earns a token by it.
    Pass(T),
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

/// Why a solution was not accepted, as the log is told.
#[derive(Clone, Copy, Debug)]
enum Miss {
    Wrong,
    Used,
    Expired,
    /// From before the store's fence.
    Forgotten,
    /// Of another site, or solved on another host than the one it was issued to.
    OfAnotherSite,
    /// Malformed, altered, sealed with another key or for the future.
    Unknown,
}

impl Miss {
    /// Its word in the log and in metrics.
    fn name(self) -> &'static str {
        match self {
            Self::Wrong => "wrong",
            Self::Used => "used",
            Self::Expired => "expired",
            Self::Forgotten => "forgotten",
            Self::OfAnotherSite => "foreign",
            Self::Unknown => "unknown",
        }
    }

    fn reason(self) -> Reason {
        match self {
            Self::Expired | Self::Forgotten => Reason::Expired,
            _ => Reason::Wrong,
        }
    }
}

impl Captcha {
    /// Challenges sealed with these keys, drawn in these styles, marked in this store.
    pub fn new(
        keys: Keys,
        styles: Arc<Styles>,
        marks: Marks,
        clock: Clock,
        lives: Lives,
        metrics: Metrics,
    ) -> Self {
        let look = |style: &Style| (style.name.clone(), style.look());
        Self {
            looks: Arc::new(styles.iter().map(look).collect()),
            keys,
            styles,
            marks,
            clock,
            lives,
            metrics,
            pens: Arc::default(),
        }
    }

    /// The styles it draws in.
    pub fn styles(&self) -> &Styles {
        &self.styles
    }

    /// How long a ticket lives.
    pub fn life(&self) -> Duration {
        self.lives.ticket
    }

    /// Seals a new challenge and returns its ticket.
    pub fn issue(&self, order: &Order<'_>) -> Result<String, Error> {
        let challenge = self.challenge(order)?;
        let keys = self.keys.current();
        let ticket = keys.seal_ticket(&challenge, challenge.issued)?;
        self.metrics.issued(order.site_name, order.style);
        Ok(ticket)
    }

    /// Seals a new challenge and draws it: its ticket, and the file that [`Captcha::draw`] makes of
    /// that, too.
    pub fn issue_drawn(
        &self,
        order: &Order<'_>,
        view: View,
        format: Format,
    ) -> Result<(String, Vec<u8>), Error> {
        let challenge = self.challenge(order)?;
        let now = challenge.issued;
        let (ticket, opened) = self.keys.current().seal_open_ticket(challenge, now)?;
        self.metrics.issued(order.site_name, order.style);
        Ok((ticket, self.draw_opened(&opened, view, format)?))
    }

    fn challenge(&self, order: &Order<'_>) -> Result<Challenge, Error> {
        let style = self.style(order.style);
        let style = style.ok_or(Error::Internal("unknown style"))?;
        let look = self.looks.get(&style.name);
        let look = look.ok_or(Error::Internal("unknown style"))?;
        let now = self.clock.now();
        Ok(Challenge {
            mark: Mark::random()?,
            kind: Kind::Picture,
            style: style.name.clone(),
            look: *look,
            answer: style.choose()?,
            matching: style.alphabet.matching().clone(),
            site: order.site.to_owned(),
            action: order.action.to_owned(),
            cdata: order.cdata.to_owned(),
            host: order.host.to_owned(),
            binding: Binding::None,
            issued: now,
            expires: now + self.lives.ticket,
        })
    }

    /// The ticket's picture as a file; the same ticket gives the same bytes.
    ///
    /// Drawing asks no store, so a used ticket draws until it expires. A PNG takes
    /// tens of microseconds, less than handing it to another thread would; a GIF for a dense screen, two
    /// milliseconds.
    pub fn draw(&self, ticket: &str, view: View, format: Format) -> Result<Vec<u8>, Error> {
        let opened = self.open(ticket).map_err(|_| Error::Gone)?;
        self.draw_opened(&opened, view, format)
    }

    fn draw_opened(
        &self,
        ticket: &OpenTicket,
        view: View,
        format: Format,
    ) -> Result<Vec<u8>, Error> {
        let style = self.style(ticket.style()).ok_or(Error::Gone)?;
        let mut pen = self.pens().pop().unwrap_or_default();
        let drawn = pen
            .draw_ticket(ticket, style, view)
            .map(|raster| format.to_vec(raster))
            .map_err(Error::from);
        self.pens().push(pen);
        self.metrics.drawn(&style.name);
        drawn
    }

    /// Checks a solution for a page of ours. Whatever the outcome, the ticket is used now:
    /// consume first, compare second (CAP-03, CAP-04).
    pub async fn check(&self, site: &str, ticket: &str, solution: &str) -> Result<Verdict, Error> {
        let rule = |opened: &OpenTicket| (site.to_owned(), opened.site() == site);
        Ok(match self.judge(ticket, solution, rule).await? {
            Ok(_) => Verdict::Pass(()),
            Err(miss) => Verdict::Fail(miss.reason()),
        })
    }

    /// Checks a solution for any site, on the host that its ticket was issued to, and seals the
    /// token that a right one earns.
    pub async fn solve(
        &self,
        sites: &Book,
        host: &str,
        ticket: &str,
        solution: &str,
    ) -> Result<Verdict<String>, Error> {
        let rule = |opened: &OpenTicket| match sites.by_key(opened.site()) {
            Some(site) => {
                let is_here = opened.host() == host && site.hosts.iter().any(|known| known == host);
                (site.name.clone(), is_here)
            }
            None => (NOBODY.to_owned(), false),
        };
        let consumed = match self.judge(ticket, solution, rule).await? {
            Ok(consumed) => consumed,
            Err(miss) => return Ok(Verdict::Fail(miss.reason())),
        };
        let now = self.clock.now();
        let pass = consumed.pass(Via::Picture, now, self.lives.token);
        let token = self.keys.current().seal_token(&pass, now)?;
        Ok(Verdict::Pass(token))
    }

    /// Uses a ticket up, compares, and tells the log and the metrics what the visitor is not told:
    /// why a solution failed (CAP-20). The rule says whose ticket it is, and whether it may be
    /// solved here.
    async fn judge(
        &self,
        ticket: &str,
        solution: &str,
        rule: impl FnOnce(&OpenTicket) -> (String, bool),
    ) -> Result<Result<Consumed, Miss>, Error> {
        let opened = match self.open(ticket) {
            Ok(opened) => opened,
            Err(refusal) => {
                let miss = match refusal {
                    Refusal::Expired => Miss::Expired,
                    _ => Miss::Unknown,
                };
                self.tell(NOBODY, NOBODY, miss.name());
                return Ok(Err(miss));
            }
        };
        let (site, may_be_here) = rule(&opened);
        let (style, issued) = (opened.style().to_owned(), opened.issued());
        let judged = self.compare(opened, solution, may_be_here).await?;
        if judged.is_ok() {
            let time = self.clock.now().saturating_sub(issued);
            self.metrics.solved_after(&style, time);
        }
        self.tell(
            &site,
            &style,
            judged.as_ref().err().map_or("right", |miss| miss.name()),
        );
        Ok(judged)
    }

    /// Uses a ticket up and compares. A ticket of another site is burnt like any other and then
    /// refused (CAP-22).
    async fn compare(
        &self,
        opened: OpenTicket,
        solution: &str,
        may_be_here: bool,
    ) -> Result<Result<Consumed, Miss>, Error> {
        let life = opened.mark_life(self.clock.now());
        let Some(first) = self.marks.first(*opened.mark(), &[], life).await? else {
            return Ok(Err(Miss::Used));
        };
        if opened.issued_before(first.fence) {
            return Ok(Err(Miss::Forgotten));
        }
        let consumed = opened.consume(first.witness)?;
        Ok(match consumed.matches(solution) {
            _ if !may_be_here => Err(Miss::OfAnotherSite),
            true => Ok(consumed),
            false => Err(Miss::Wrong),
        })
    }

    fn tell(&self, site: &str, style: &str, outcome: &'static str) {
        self.metrics.checked(site, style, outcome);
        tracing::info!(event = "captcha", site, outcome, "a solution was checked");
    }

    /// The site key that a ticket was issued to, if it is good.
    pub fn site_of(&self, ticket: &str) -> Option<String> {
        Some(self.open(ticket).ok()?.site().to_owned())
    }

    /// What a ticket asks for. Only an installation for tests may tell.
    pub fn answer(&self, ticket: &str) -> Option<String> {
        match self.keys.current().inspect(ticket).ok()? {
            Contents::Ticket(challenge) => Some(challenge.answer.reveal().to_owned()),
            Contents::Token(_) => None,
        }
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
