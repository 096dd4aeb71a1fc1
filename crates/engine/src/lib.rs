//! Inkgate: text in, captcha picture and sealed ticket out.

mod answer;
mod error;
mod seed;
mod time;

pub use answer::{Alphabet, Answer, LONGEST_ANSWER, LONGEST_MATCHING, Matching};
pub use error::Error;
pub use seed::Seed;
pub use time::Timestamp;
