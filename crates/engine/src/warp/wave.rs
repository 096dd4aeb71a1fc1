//! Wave: a sum of three sine ripples, each running and pushing in a direction of its own.

use std::f32::consts::TAU;

use rand_core::Rng;

use crate::outline::Point;
use crate::vary::Vary;

/// How many ripples are summed.
const RIPPLES: usize = 3;

/// How strong the ripples are, and how long.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Wave {
    /// The root of the ripples' summed squares, in pixels.
    pub amplitude: f32,
    /// The shortest distance from crest to crest, in pixels.
    pub shortest: f32,
    /// The longest distance from crest to crest, in pixels.
    pub longest: f32,
}

impl Wave {
    pub(crate) fn bend(&self, points: &mut [Point], unit: f32, rng: &mut impl Rng) {
        for _ in 0..RIPPLES {
            let ripple = Ripple::draw(self, unit, rng);
            for point in &mut *points {
                *point = ripple.map(*point);
            }
        }
    }
}

/// One ripple: where its crests are, and where it pushes.
struct Ripple {
    along: Point,
    phase: f32,
    push: Point,
}

impl Ripple {
    fn draw(wave: &Wave, unit: f32, rng: &mut impl Rng) -> Self {
        let length = rng.between(wave.shortest, wave.longest) * unit;
        let (sin, cos) = libm::sincosf(rng.between(0.0, TAU));
        let (push_sin, push_cos) = libm::sincosf(rng.between(0.0, TAU));
        // Two directions share the push, and the ripples share the amplitude.
        let reach = wave.amplitude * unit * (2.0 / RIPPLES as f32).sqrt();
        Self {
            along: Point::new(cos / length, sin / length),
            phase: rng.unit(),
            push: Point::new(push_cos * reach, push_sin * reach),
        }
    }

    fn map(&self, p: Point) -> Point {
        let height = sine(p.x * self.along.x + p.y * self.along.y + self.phase);
        Point::new(p.x + self.push.x * height, p.y + self.push.y * height)
    }
}

/// The sine of `turns` full turns, within 0.001: a parabola, corrected once. No table, no branch and no call, so it
/// vectorises.
fn sine(turns: f32) -> f32 {
    // Adding 3·2²² rounds to a whole number, as far as pixels are from one another.
    const WHOLE: f32 = 12_582_912.0;
    let t = turns - ((turns + WHOLE) - WHOLE);
    let y = 8.0 * t - 16.0 * t * t.abs();
    y * (0.775 + 0.225 * y.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sine_is_a_sine() {
        for i in -3000..3000 {
            let turns = i as f32 / 700.0;
            assert!(
                (sine(turns) - (turns * TAU).sin()).abs() < 0.0013,
                "{turns}"
            );
        }
    }

    #[test]
    fn a_wave_moves_points_a_little() {
        let wave = Wave {
            amplitude: 2.0,
            shortest: 56.0,
            longest: 105.0,
        };
        let before: Vec<_> = (0..100).map(|i| Point::new(i as f32, 50.0)).collect();
        let mut after = before.clone();
        wave.bend(&mut after, 1.0, &mut crate::Seed::from_bytes([3; 32]).rng());
        let moved = before
            .iter()
            .zip(&after)
            .map(|(p, q)| (p.x - q.x).hypot(p.y - q.y));
        let furthest = moved.fold(0.0, f32::max);
        assert!((0.5..=5.0).contains(&furthest), "{furthest}");
    }
}
