//! Challenges: issue, draw, check. Nothing is stored until a ticket is used.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use inkgate::encode::Format;
use inkgate::{
    Answer, Binding, Challenge, Consumed, Contents, Kind, Look, Mark, OpenTicket, Pen, Puzzles,
    Refusal, Scheme, Style, Styles, Timestamp, Via, View, Work,
};

use crate::Error;
use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::service::keys::Keys;
use crate::service::marks::Marks;
use crate::service::sites::Book;
use crate::service::verify::{Failure, Spent};
use crate::service::work::Checker;

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
    /// Whether a picture may be read where work alone is asked for.
    picture_instead: bool,
    checker: Checker,
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
    /// What is asked for.
    pub asks: Asks,
}

/// What a challenge asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asks {
    /// A machine's work, if any.
    pub work: Option<Work>,
    /// Whether the picture is to be read, too.
    pub no_picture: bool,
    /// Symbols that the answer has more than its style says.
    pub longer: usize,
}

impl Asks {
    fn kind(self) -> Kind {
        match self.work {
            None => Kind::Picture,
            Some(work) if self.no_picture => Kind::Work(work),
            Some(work) => Kind::PictureAndWork(work),
        }
    }
}

/// What a visitor brings: what was read, and what a machine found.
#[derive(Clone, Copy, Debug, Default)]
pub struct Proof<'a> {
    /// What the visitor read in the picture.
    pub solution: Option<&'a str>,
    /// A counter for each puzzle.
    pub counters: Option<&'a [u32]>,
}

impl<'a> From<&'a str> for Proof<'a> {
    fn from(solution: &'a str) -> Self {
        Self {
            solution: Some(solution),
            counters: None,
        }
    }
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
        picture_instead: bool,
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
            picture_instead,
            checker: Checker::default(),
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
        let kind = challenge.kind.name();
        self.metrics.issued(order.site_name, kind, order.style);
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
        let kind = opened.kind().name();
        self.metrics.issued(order.site_name, kind, order.style);
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
            kind: order.asks.kind(),
            style: style.name.clone(),
            look: *look,
            answer: choose(style, order.asks.longer)?,
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
    pub async fn check<'a>(
        &self,
        site: &str,
        ticket: &str,
        proof: impl Into<Proof<'a>>,
    ) -> Result<Verdict, Error> {
        let rule = |opened: &OpenTicket| (site.to_owned(), opened.site() == site);
        Ok(match self.judge(ticket, proof.into(), rule).await? {
            Ok(_) => Verdict::Pass(()),
            Err(miss) => Verdict::Fail(miss.reason()),
        })
    }

    /// Checks a proof for any site, on the host that its ticket was issued to, and seals the
    /// token that a right one earns.
    pub async fn solve<'a>(
        &self,
        sites: &Book,
        host: &str,
        ticket: &str,
        proof: impl Into<Proof<'a>>,
    ) -> Result<Verdict<String>, Error> {
        let judged = self.judge_for(sites, Some(host), ticket, proof.into());
        Ok(match judged.await? {
            Ok(token) => Verdict::Pass(token),
            Err(miss) => Verdict::Fail(miss.reason()),
        })
    }

    /// A back end that brings a proof is on no host of its own.
    async fn judge_for(
        &self,
        sites: &Book,
        host: Option<&str>,
        ticket: &str,
        proof: Proof<'_>,
    ) -> Result<Result<String, Miss>, Error> {
        let rule = |opened: &OpenTicket| match sites.by_key(opened.site()) {
            Some(site) => {
                let is_here = host.is_none_or(|host| opened.host() == host);
                let is_known = site.hosts.iter().any(|known| known == opened.host());
                (site.name.clone(), is_here && is_known)
            }
            None => (NOBODY.to_owned(), false),
        };
        let (consumed, via) = match self.judge(ticket, proof, rule).await? {
            Ok(judged) => judged,
            Err(miss) => return Ok(Err(miss)),
        };
        let now = self.clock.now();
        let pass = consumed.pass(via, now, self.lives.token);
        let token = self.keys.current().seal_token(&pass, now)?;
        Ok(Ok(token))
    }

    /// Uses a ticket up, compares, and tells the log and the metrics what the visitor is not told:
    /// why a solution failed (CAP-20). The rule says whose ticket it is, and whether it may be
    /// solved here.
    async fn judge(
        &self,
        ticket: &str,
        proof: Proof<'_>,
        rule: impl FnOnce(&OpenTicket) -> (String, bool),
    ) -> Result<Result<(Consumed, Via), Miss>, Error> {
        let opened = match self.open(ticket) {
            Ok(opened) => opened,
            Err(refusal) => {
                let miss = match refusal {
                    Refusal::Expired => Miss::Expired,
                    _ => Miss::Unknown,
                };
                self.tell(NOBODY, NOBODY, NOBODY, miss.name());
                return Ok(Err(miss));
            }
        };
        let (site, may_be_here) = rule(&opened);
        let (style, issued) = (opened.style().to_owned(), opened.issued());
        let kind = opened.kind().name();
        let judged = self.compare(opened, proof, may_be_here).await?;
        if judged.is_ok() {
            let time = self.clock.now().saturating_sub(issued);
            self.metrics.solved_after(&site, kind, &style, time);
        }
        self.tell(
            &site,
            kind,
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
        proof: Proof<'_>,
        may_be_here: bool,
    ) -> Result<Result<(Consumed, Via), Miss>, Error> {
        let life = opened.mark_life(self.clock.now());
        let Some(first) = self.marks.first(*opened.mark(), &[], life).await? else {
            return Ok(Err(Miss::Used));
        };
        if opened.issued_before(first.fence) {
            return Ok(Err(Miss::Forgotten));
        }
        let consumed = opened.consume(first.witness)?;
        if !may_be_here {
            return Ok(Err(Miss::OfAnotherSite));
        }
        let proved = self.prove(&consumed, proof).await?;
        Ok(proved.map(|via| (consumed, via)).ok_or(Miss::Wrong))
    }

    /// In which way a proof is right for what its ticket asks for, if it is. What costs more is
    /// looked at last.
    async fn prove(&self, consumed: &Consumed, proof: Proof<'_>) -> Result<Option<Via>, Error> {
        let is_read = |proof: Proof<'_>| {
            let solution = proof.solution;
            solution.is_some_and(|solution| consumed.matches(solution))
        };
        let asked = consumed.puzzles();
        Ok(match (consumed.kind(), asked, proof.counters) {
            (Kind::Picture, ..) if is_read(proof) => Some(Via::Picture),
            (Kind::Work(_), Some(puzzles), Some(counters)) => {
                let is_proof = self.checker.is_proof(puzzles, counters).await?;
                is_proof.then_some(Via::Work)
            }
            (Kind::Work(work), _, None) if self.may_be_read(work) && is_read(proof) => {
                Some(Via::Picture)
            }
            (Kind::PictureAndWork(_), Some(puzzles), Some(counters)) if is_read(proof) => {
                let is_proof = self.checker.is_proof(puzzles, counters).await?;
                is_proof.then_some(Via::PictureAndWork)
            }
            _ => None,
        })
    }

    /// Whether a picture may be read in the place of this work. Only our own widget shows one: to whoever else the
    /// policy asks for more work where it asks ours for more to read.
    fn may_be_read(&self, work: Work) -> bool {
        self.picture_instead && work.scheme == Scheme::Inkgate
    }

    fn tell(&self, site: &str, kind: &'static str, style: &str, outcome: &'static str) {
        self.metrics.checked(site, kind, style, outcome);
        tracing::info!(event = "captcha", site, outcome, "a solution was checked");
    }

    /// The site key that a ticket was issued to, if it is good.
    pub fn site_of(&self, ticket: &str) -> Option<String> {
        Some(self.open(ticket).ok()?.site().to_owned())
    }

    /// Exchanges the proof that a back end brings for a token. What a visitor is not told, a back end is: whether it
    /// was used before.
    pub async fn exchange(
        &self,
        sites: &Book,
        ticket: &str,
        proof: Proof<'_>,
    ) -> Result<Result<String, Failure>, Error> {
        let judged = self.judge_for(sites, None, ticket, proof).await?;
        Ok(judged.map_err(|miss| match miss {
            Miss::Used => Failure::Spent(Spent::Used),
            Miss::Expired => Failure::Spent(Spent::Expired),
            Miss::Forgotten => Failure::Spent(Spent::Forgotten),
            Miss::OfAnotherSite => Failure::OfAnotherSite,
            Miss::Wrong | Miss::Unknown => Failure::Unreadable,
        }))
    }

    /// The puzzles of a ticket, if it is good and has any, and when it expires.
    pub fn puzzles_of(&self, ticket: &str) -> Option<(Puzzles, Timestamp)> {
        let opened = self.open(ticket).ok()?;
        Some((opened.puzzles()?, opened.expires()))
    }

    /// The puzzles of a ticket, if it is good and has any.
    pub fn puzzles(&self, ticket: &str) -> Option<Puzzles> {
        self.open(ticket).ok()?.puzzles()
    }

    /// What a ticket's picture shows. Only an installation for tests may tell.
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

/// An answer of a style, with more symbols than it usually has. A weak style has no room for more.
fn choose(style: &Style, longer: usize) -> Result<Answer, Error> {
    let length = match style.weak {
        true => style.length,
        false => style.length + longer,
    };
    Ok(style.alphabet.choose(length, style.distinct)?)
}
