//! Presets: the word that a site gives a way of asking.
//!
//! The name of a style asks for its picture; `work` for a machine's work, with the picture of the site's first
//! style for whoever cannot; the name of a style and `-work` for both.

use inkgate::{Style, Styles};
use inkgate_store::Site;

use crate::Error;
use crate::error::Rule;
use crate::service::policy::Level;

/// The preset that asks for work alone.
pub const WORK: &str = "work";
const AND_WORK: &str = "-work";
/// The style of a site that names none.
const USUAL: &str = "ink";

/// A way of asking: from which level on, and with which pictures.
#[derive(Clone, Copy, Debug)]
pub struct Preset<'a> {
    /// The least that is asked for.
    pub floor: Level,
    /// How pictures are drawn.
    pub style: &'a Style,
}

impl<'a> Preset<'a> {
    /// What a preset means, if the site has it.
    pub fn allowed(site: &Site, name: &str, styles: &'a Styles) -> Result<Self, Error> {
        let is_its_own = site.presets.iter().any(|preset| preset == name);
        Self::of(site, name, styles)
            .filter(|_| is_its_own)
            .ok_or(Error::Refused(Rule::Preset))
    }

    /// What a preset of a site means; `None` if it is none.
    pub fn of(site: &Site, name: &str, styles: &'a Styles) -> Option<Self> {
        let floor = match name {
            WORK => Level::Work,
            _ if name.ends_with(AND_WORK) => Level::PictureAndWork,
            _ => Level::Picture,
        };
        let style = match floor {
            Level::Work => {
                let mut named = site.presets.iter();
                let own = named.find_map(|name| styles.get(style_of(name)));
                own.or_else(|| styles.get(USUAL))
            }
            _ => styles.get(style_of(name)),
        };
        Some(Self {
            floor,
            style: style?,
        })
    }
}

/// Whether a preset is one.
pub fn is_known(name: &str, styles: &Styles) -> bool {
    name == WORK || styles.get(style_of(name)).is_some()
}

fn style_of(preset: &str) -> &str {
    preset.strip_suffix(AND_WORK).unwrap_or(preset)
}
