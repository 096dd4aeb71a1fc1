//! The front page: what this is, with live pictures.

use askama::Template;
use inkgate::Strength;

use super::picture::Picture;
use super::shell::Shell;

/// How a Rust program draws a picture. A test compiles and runs it.
const EXAMPLE: &str = include_str!("../../templates/example.rs");

/// `/`
#[derive(Debug, Template)]
#[template(path = "front.html")]
pub(crate) struct Front<'a> {
    /// The frame.
    pub(crate) shell: Shell<'a>,
    /// One live picture of each style.
    pub(crate) styles: Vec<StyleCard>,
    /// Whether anybody could sign in to the member site.
    pub(crate) has_members: bool,
    /// Where other sites find this installation, as far as it is known.
    pub(crate) address: String,
}

impl Front<'_> {
    fn example(&self) -> &'static str {
        EXAMPLE
    }

    fn has_strength(&self) -> bool {
        self.styles.iter().any(|style| style.strength.is_some())
    }

    fn has_weak(&self) -> bool {
        self.styles.iter().any(|style| style.weak)
    }
}

/// A style and a picture in it.
#[derive(Debug)]
pub(crate) struct StyleCard {
    /// The style's name.
    pub(crate) name: String,
    /// Whether stock OCR is known to read it.
    pub(crate) weak: bool,
    /// What was measured of it.
    pub(crate) strength: Option<Strength>,
    /// The picture.
    pub(crate) picture: Picture,
}

#[cfg(test)]
mod tests {
    mod example {
        include!("../../templates/example.rs");

        #[test]
        fn the_example_draws_a_picture() {
            let (code, picture) = captcha().unwrap();
            assert_eq!(code.chars().count(), 5);
            assert!(picture.starts_with(b"\x89PNG"));
        }
    }
}
