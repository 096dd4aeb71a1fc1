//! A ticket's picture in a page: where it is, the room it takes, how long it lasts.

use std::time::Duration;

use inkgate::{Colours, Style};

/// A picture narrower than this many pixels is shown at twice its size.
const NARROW: u32 = 100;

/// A ticket and its picture.
#[derive(Debug)]
pub(crate) struct Picture {
    /// The ticket.
    pub(crate) ticket: String,
    /// Seconds until the ticket expires.
    pub(crate) life: u64,
    /// Width in pixels.
    pub(crate) width: u32,
    /// Height in pixels.
    pub(crate) height: u32,
    /// Whether there is another palette for dark pages.
    pub(crate) has_dark: bool,
}

impl Picture {
    /// The picture of a new ticket in this style.
    pub(crate) fn new(ticket: String, life: Duration, style: &Style) -> Self {
        Self {
            ticket,
            life: life.as_secs(),
            width: style.width,
            height: style.height,
            has_dark: style.colours == Colours::Pair,
        }
    }

    /// How many times its own size it is shown at in a form.
    pub(crate) fn enlarged(&self) -> u32 {
        if self.width < NARROW { 2 } else { 1 }
    }
}

#[cfg(test)]
mod tests {
    use inkgate::Styles;

    use super::*;

    #[test]
    fn the_style_says_how_large_a_picture_is_and_whether_it_has_a_dark_palette() {
        let styles = Styles::standard();
        let picture = |name: &str| {
            let style = styles.get(name).unwrap();
            let picture = Picture::new(String::new(), Duration::from_secs(300), style);
            let (width, height) = (picture.width, picture.height);
            (width, height, picture.enlarged(), picture.has_dark)
        };
        assert_eq!(picture("ink"), (300, 170, 1, true));
        assert_eq!(picture("newpage"), (200, 100, 1, false));
        assert_eq!(picture("member"), (60, 30, 2, false));
    }
}
