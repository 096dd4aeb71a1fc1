//! Drawing: answer, style and seed to a raster, in one pass.

use crate::fill::Fill;
use crate::raster::Raster;
use crate::scene::Scene;
use crate::style::Style;
use crate::{Answer, Error, OpenTicket, Seed};

/// How a picture is to be shown. The scene stays the same: only its scale and its palette differ.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Pixels to a side of each pixel of the style's size: 1, or 2 for dense screens. Other numbers count as the
    /// nearer of the two.
    pub scale: u8,
    /// Whether the page around the picture is dark.
    pub dark: bool,
}

impl Default for View {
    fn default() -> Self {
        Self {
            scale: 1,
            dark: false,
        }
    }
}

/// Draws pictures. A pen owns all scratch and keeps it, so whoever draws often keeps a pen.
///
/// ```
/// # fn main() -> Result<(), inkgate::Error> {
/// use inkgate::{Pen, Seed, Style, View, encode};
///
/// let style = Style::default();
/// let answer = style.choose()?;
/// let mut pen = Pen::new();
/// let raster = pen.draw(&answer, &style, &Seed::random()?, View::default())?;
/// let file = encode::png::to_vec(raster);
/// assert!(file.starts_with(b"\x89PNG"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Pen {
    scene: Scene,
    fill: Fill,
    raster: Raster,
}

impl Pen {
    /// A pen without scratch yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Draws `answer`. The same answer, style, seed and view give the same raster on every platform.
    ///
    /// # Errors
    /// [`Error::MissingGlyph`] or [`Error::NoRoom`] naming a character, [`Error::Size`] for a canvas out of bounds.
    pub fn draw(
        &mut self,
        answer: &Answer,
        style: &Style,
        seed: &Seed,
        view: View,
    ) -> Result<&Raster, Error> {
        style.check_size()?;
        let scale = u32::from(view.scale.clamp(1, 2));
        let mut rng = seed.rng();
        self.scene.lay_out(answer, style, view, &mut rng)?;
        let (width, height) = (style.width * scale, style.height * scale);
        self.raster
            .start(width as usize, height as usize, &self.scene.palette);
        self.fill.paint(&self.scene, scale as f32, &mut self.raster);
        for noise in &style.noises {
            noise.apply(&mut self.raster, self.scene.spare, scale as usize, &mut rng);
        }
        Ok(&self.raster)
    }

    /// Draws the picture of a ticket. The same ticket gives the same bytes, now and on every node with its key (CAP-11).
    ///
    /// # Errors
    /// As [`Pen::draw`].
    pub fn draw_ticket(
        &mut self,
        ticket: &OpenTicket,
        style: &Style,
        view: View,
    ) -> Result<&Raster, Error> {
        self.draw(ticket.answer(), style, ticket.seed(), view)
    }
}
