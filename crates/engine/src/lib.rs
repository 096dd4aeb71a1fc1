//! Inkgate: text in, captcha picture and sealed ticket out.
//!
//! ```text
//! Answer → Scene → Raster → encoded bytes
//! ```
//!
//! This is the engine: pure functions, without files, network or clock. A [`Style`] chooses an [`Answer`], a
//! [`Pen`] draws it, and a [`Keyring`] seals it into a ticket: the challenge's own id, which may be shown to
//! anybody. Nothing is stored when a challenge is issued. When a solution comes back, its ticket is opened, its
//! [`Mark`] is remembered by whatever store there is, and only then can solution and answer be compared:
//!
//! ```
//! use std::collections::HashSet;
//! use std::time::Duration;
//!
//! use inkgate::{
//!     Binding, Challenge, FirstUse, Keyring, Kind, Mark, Pen, Styles, Timestamp, View, encode,
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let now = Timestamp::from_millis(1_795_262_400_000);
//! let keyring = Keyring::generate(now)?; // keep its text: `keyring.to_text()`
//! let styles = Styles::standard();
//! let style = styles.get("ink").ok_or("no such style")?;
//!
//! // Issue: choose an answer and seal it.
//! let ticket = keyring.seal_ticket(
//!     &Challenge {
//!         mark: Mark::random()?,
//!         kind: Kind::Picture,
//!         style: style.name.to_string(),
//!         look: style.look(),
//!         answer: style.choose()?,
//!         matching: style.alphabet.matching().clone(),
//!         site: "shop".to_owned(),
//!         action: "sign-in".to_owned(),
//!         cdata: String::new(),
//!         host: "shop.example".to_owned(),
//!         binding: Binding::None,
//!         issued: now,
//!         expires: now + Duration::from_secs(300),
//!     },
//!     now,
//! )?;
//!
//! // Draw: the same ticket gives the same picture, however often and wherever it is asked for.
//! let opened = keyring.open_ticket(&ticket, now)?;
//! let mut pen = Pen::new();
//! let picture = encode::png::to_vec(pen.draw_ticket(&opened, style, View::default())?);
//! assert!(picture.starts_with(b"\x89PNG"));
//!
//! // Check: remember the mark first, compare second.
//! let mut marks = HashSet::new();
//! let opened = keyring.open_ticket(&ticket, now)?;
//! let mark = *opened.mark();
//! let is_first = marks.insert(mark);
//! assert!(is_first); // else the ticket was used, and whatever the solution, the answer is no
//! let consumed = opened.consume(FirstUse::of(mark))?;
//! assert!(!consumed.matches("a guess"));
//! # Ok(())
//! # }
//! ```
//!
//! What varies in a picture comes from a [`Seed`], and what must not be guessed from the operating system.
//! The server, its pages and its command line are crates of their own.

mod answer;
mod colour;
mod draw;
pub mod encode;
mod error;
mod fields;
mod fill;
mod font;
mod ground;
mod inspect;
mod keyring;
mod layout;
pub mod noise;
mod outline;
mod raster;
mod scene;
mod seal;
mod seed;
mod style;
mod ticket;
mod time;
mod token;
mod vary;
pub mod warp;
mod work;

pub use answer::{Alphabet, Answer, LONGEST_ANSWER, LONGEST_MATCHING, Matching};
pub use colour::{Colour, contrast};
pub use draw::{Pen, View};
pub use error::{Error, Refusal};
pub use fill::Fold;
pub use font::{Font, Glyph};
pub use ground::Ground;
pub use inspect::Contents;
pub use keyring::{KEY_DELAY, KeyEntry, KeyId, Keyring};
pub use layout::{Layout, MOST_GLYPHS, Spacing};
pub use noise::Noise;
pub use outline::{Affine, Bounds, Outline, Point};
pub use raster::{Raster, Run};
pub use scene::{Layer, Scene};
pub use seal::{LONGEST_TICKET, LONGEST_TOKEN};
pub use seed::Seed;
pub use style::{Colours, Look, SIDES, Strength, Style, Styles};
pub use ticket::{
    Binding, Challenge, Consumed, FirstUse, Kind, LONGEST_ACTION, LONGEST_CDATA, LONGEST_HOST,
    LONGEST_LIFE, LONGEST_SITE, LONGEST_STYLE, Mark, OpenTicket, Prefix, SKEW,
};
pub use time::{NotATime, Timestamp};
pub use token::{OpenToken, Pass, Via};
pub use warp::Warp;
pub use work::{MOST_BITS, MOST_CHECKED, MOST_COST, MOST_PUZZLES, Puzzles, Scheme, Work};
