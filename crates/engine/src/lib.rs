//! Inkgate: text in, captcha picture and sealed ticket out.

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

pub use answer::{Alphabet, Answer, LONGEST_ANSWER, LONGEST_MATCHING, Matching};
pub use colour::{Colour, contrast};
pub use draw::{Pen, View};
pub use error::{Error, Refusal};
pub use fill::{Fill, Fold};
pub use font::{Font, Glyph};
pub use ground::Ground;
pub use inspect::Contents;
pub use keyring::{KEY_DELAY, KeyEntry, KeyId, Keyring};
pub use layout::{Layout, MOST_GLYPHS};
pub use noise::Noise;
pub use outline::{Affine, Bounds, Outline, Point};
pub use raster::Raster;
pub use scene::{Layer, Scene};
pub use seal::{LONGEST_TICKET, LONGEST_TOKEN};
pub use seed::Seed;
pub use style::{Colours, Look, SIDES, Style, Styles};
pub use ticket::{
    Binding, Challenge, Consumed, FirstUse, Kind, LONGEST_ACTION, LONGEST_CDATA, LONGEST_HOST, LONGEST_LIFE,
    LONGEST_SITE, LONGEST_STYLE, Mark, OpenTicket, Prefix, SKEW,
};
pub use time::{NotATime, Timestamp};
pub use token::{OpenToken, Pass, Via};
pub use warp::Warp;
