//! Inkgate: text in, captcha picture and sealed ticket out.

mod answer;
mod colour;
mod draw;
pub mod encode;
mod error;
mod fill;
mod font;
mod ground;
mod layout;
pub mod noise;
mod outline;
mod raster;
mod scene;
mod seed;
mod style;
mod time;
mod vary;
pub mod warp;

pub use answer::{Alphabet, Answer, LONGEST_ANSWER, LONGEST_MATCHING, Matching};
pub use colour::{Colour, contrast};
pub use draw::{Pen, View};
pub use error::Error;
pub use fill::{Fill, Fold};
pub use font::{Font, Glyph};
pub use ground::Ground;
pub use layout::{Layout, MOST_GLYPHS};
pub use noise::Noise;
pub use outline::{Affine, Bounds, Outline, Point};
pub use raster::Raster;
pub use scene::{Layer, Scene};
pub use seed::Seed;
pub use style::{Colours, Look, SIDES, Style, Styles};
pub use time::Timestamp;
pub use warp::Warp;
