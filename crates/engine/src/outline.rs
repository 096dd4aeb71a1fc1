//! Points, closed outlines made of straight segments, and the shapes built from them.
//!
//! Curves are cut into segments once, when a font is parsed or a shape is made. After that a picture only moves
//! points.

use std::f32::consts::PI;

/// A place on the canvas: `x` to the right, `y` down.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub struct Point {
    /// Distance from the left edge.
    pub x: f32,
    /// Distance from the top edge.
    pub y: f32,
}

impl Point {
    /// The point at `x`, `y`.
    pub const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    fn towards(self, other: Self, share: f32) -> Self {
        Self::new(
            self.x + (other.x - self.x) * share,
            self.y + (other.y - self.y) * share,
        )
    }

    fn distance(self, other: Self) -> f32 {
        let (x, y) = (other.x - self.x, other.y - self.y);
        (x * x + y * y).sqrt()
    }
}

/// A turn, stretch and shear followed by a move.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Affine {
    /// Where one step to the right lands, and one step down.
    pub right: Point,
    /// See `right`.
    pub down: Point,
    /// Where the origin lands.
    pub origin: Point,
}

impl Affine {
    /// Leaves everything where it is.
    pub const IDENTITY: Self = Self {
        right: Point::new(1.0, 0.0),
        down: Point::new(0.0, 1.0),
        origin: Point::new(0.0, 0.0),
    };

    /// Scales by `width` and `height`, leans by `shear`, then turns clockwise by `turn` radians.
    pub fn turned(width: f32, height: f32, shear: f32, turn: f32) -> Self {
        let (sin, cos) = libm::sincosf(turn);
        Self {
            right: Point::new(cos * width, sin * width),
            down: Point::new((cos * shear - sin) * height, (sin * shear + cos) * height),
            origin: Point::default(),
        }
    }

    /// Where `point` lands.
    pub fn map(&self, point: Point) -> Point {
        Point::new(
            self.right.x * point.x + self.down.x * point.y + self.origin.x,
            self.right.y * point.x + self.down.y * point.y + self.origin.y,
        )
    }
}

/// The smallest upright box around some points.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Bounds {
    /// The corner with the smallest coordinates.
    pub min: Point,
    /// The corner with the largest coordinates.
    pub max: Point,
}

impl Bounds {
    /// The box around `points`, or nothing when there are none.
    pub fn of(points: &[Point]) -> Option<Self> {
        let first = *points.first()?;
        let grow = |bounds: Self, p: &Point| Self {
            min: Point::new(bounds.min.x.min(p.x), bounds.min.y.min(p.y)),
            max: Point::new(bounds.max.x.max(p.x), bounds.max.y.max(p.y)),
        };
        Some(points.iter().fold(
            Self {
                min: first,
                max: first,
            },
            grow,
        ))
    }

    /// The middle of the box.
    pub fn centre(&self) -> Point {
        self.min.towards(self.max, 0.5)
    }

    /// The box's width.
    pub fn width(&self) -> f32 {
        self.max.x - self.min.x
    }

    /// The box's height.
    pub fn height(&self) -> f32 {
        self.max.y - self.min.y
    }
}

/// Closed polygons: the points of all contours in one list, and where each contour ends.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    points: Vec<Point>,
    ends: Vec<usize>,
}

impl Outline {
    /// All points, contour after contour.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// All points, to be moved.
    pub fn points_mut(&mut self) -> &mut [Point] {
        &mut self.points
    }

    /// The contours. Each closes itself: an edge leads from its last point back to its first.
    pub fn contours(&self) -> impl ExactSizeIterator<Item = &[Point]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let contour = &self.points[start..end];
            start = end;
            contour
        })
    }

    /// Forgets everything and keeps the memory.
    pub fn clear(&mut self) {
        self.points.clear();
        self.ends.clear();
    }

    /// Adds a point to the open contour.
    pub fn push(&mut self, point: Point) {
        self.points.push(point);
    }

    /// Closes the open contour. One with fewer than three points encloses nothing and is dropped.
    pub fn close(&mut self) {
        let start = self.ends.last().copied().unwrap_or(0);
        if self.points.len() < start + 3 {
            self.points.truncate(start);
        } else {
            self.ends.push(self.points.len());
        }
    }

    /// Adds all contours of `other`, moved by `place`.
    pub fn append(&mut self, other: &Self, place: &Affine) {
        let start = self.points.len();
        self.points
            .extend(other.points.iter().map(|&p| place.map(p)));
        self.ends.extend(other.ends.iter().map(|end| start + end));
    }

    /// Adds a straight edge from the last point, in pieces no longer than `step`.
    pub fn line_to(&mut self, to: Point, step: f32) {
        let from = self.points.last().copied().unwrap_or(to);
        let pieces = pieces(from.distance(to) / step);
        self.points
            .extend((1..=pieces).map(|i| from.towards(to, i as f32 / pieces as f32)));
    }

    /// Adds a quadratic Bézier curve from the last point, never further than `tolerance` from the true curve.
    pub fn quad_to(&mut self, bend: Point, to: Point, tolerance: f32) {
        let from = self.points.last().copied().unwrap_or(bend);
        let (x, y) = (from.x - 2.0 * bend.x + to.x, from.y - 2.0 * bend.y + to.y);
        // A chord over 1/n of the parameter is off by at most |second derivative| / 8n².
        let pieces = pieces(((x * x + y * y).sqrt() / (4.0 * tolerance)).sqrt());
        self.points.extend((1..=pieces).map(|i| {
            let t = i as f32 / pieces as f32;
            from.towards(bend, t).towards(bend.towards(to, t), t)
        }));
    }

    /// Adds a cubic Bézier curve from the last point, never further than `tolerance` from the true curve.
    pub fn cubic_to(&mut self, a: Point, b: Point, to: Point, tolerance: f32) {
        let from = self.points.last().copied().unwrap_or(a);
        let bend = |p: Point, q: Point, r: Point| {
            let (x, y) = (p.x - 2.0 * q.x + r.x, p.y - 2.0 * q.y + r.y);
            (x * x + y * y).sqrt()
        };
        let pieces = pieces((0.75 * bend(from, a, b).max(bend(a, b, to)) / tolerance).sqrt());
        self.points.extend((1..=pieces).map(|i| {
            let t = i as f32 / pieces as f32;
            cubic([from, a, b, to], t).0
        }));
    }

    /// Adds a circle.
    pub fn circle(&mut self, centre: Point, radius: f32, tolerance: f32) {
        // The sagitta of an arc of angle a is about r·a²/8.
        let sides = pieces(2.0 * PI * (radius.abs() / (8.0 * tolerance)).sqrt()).max(8);
        let (sin, cos) = libm::sincosf(2.0 * PI / sides as f32);
        let mut spoke = Point::new(radius, 0.0);
        for _ in 0..sides {
            self.push(Point::new(centre.x + spoke.x, centre.y + spoke.y));
            spoke = Point::new(spoke.x * cos - spoke.y * sin, spoke.x * sin + spoke.y * cos);
        }
        self.close();
    }

    /// Adds a band of `width` along a cubic Bézier curve, with straight ends.
    pub fn ribbon(&mut self, curve: [Point; 4], width: f32, tolerance: f32) {
        let [a, b, c, d] = curve;
        let length = a.distance(b) + b.distance(c) + c.distance(d);
        let pieces = pieces((length * 0.1 / tolerance).sqrt()).clamp(4, 64);
        let side = |i: usize, half: f32| {
            let (at, along) = cubic(curve, i as f32 / pieces as f32);
            let size = (along.x * along.x + along.y * along.y).sqrt().max(1e-6);
            Point::new(at.x - along.y / size * half, at.y + along.x / size * half)
        };
        self.points
            .extend((0..=pieces).map(|i| side(i, width / 2.0)));
        self.points
            .extend((0..=pieces).rev().map(|i| side(i, -width / 2.0)));
        self.close();
    }
}

/// The area inside a contour, below zero where it turns counterclockwise.
pub(crate) fn area(contour: &[Point]) -> f32 {
    let next = contour.iter().cycle().skip(1);
    let parts = contour.iter().zip(next).map(|(p, q)| p.x * q.y - q.x * p.y);
    parts.sum::<f32>() / 2.0
}

/// A point of a cubic Bézier curve, and a vector along the curve there.
fn cubic([a, b, c, d]: [Point; 4], t: f32) -> (Point, Point) {
    let (p, q) = (a.towards(b, t), c.towards(d, t));
    let middle = b.towards(c, t);
    let (left, right) = (p.towards(middle, t), middle.towards(q, t));
    (
        left.towards(right, t),
        Point::new(right.x - left.x, right.y - left.y),
    )
}

/// Into how many pieces to cut: rounded up, at least one, and bounded so that no input asks for a mountain.
fn pieces(wanted: f32) -> usize {
    (wanted.ceil() as usize).clamp(1, 256)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_has_the_area_of_a_circle() {
        let mut outline = Outline::default();
        outline.circle(Point::new(3.0, 4.0), 50.0, 0.05);
        let area = area(outline.points());
        assert!((area - PI * 2500.0).abs() < 20.0, "{area}");
    }

    #[test]
    fn a_straight_ribbon_has_length_times_width() {
        let mut outline = Outline::default();
        let at = |x| Point::new(x, 10.0);
        outline.ribbon([at(0.0), at(10.0), at(20.0), at(30.0)], 4.0, 0.1);
        assert!((area(outline.points()).abs() - 120.0).abs() < 0.01);
    }

    #[test]
    fn a_flat_quad_stays_within_its_tolerance() {
        let mut outline = Outline::default();
        outline.push(Point::new(0.0, 0.0));
        outline.quad_to(Point::new(50.0, 100.0), Point::new(100.0, 0.0), 0.1);
        for pair in outline.points().windows(2) {
            let chord = pair[0].towards(pair[1], 0.5);
            let t = chord.x / 100.0;
            assert!((chord.y - 200.0 * t * (1.0 - t)).abs() <= 0.1001);
        }
    }

    #[test]
    fn a_long_line_is_cut_so_that_a_warp_can_bend_it() {
        let mut outline = Outline::default();
        outline.push(Point::default());
        outline.line_to(Point::new(10.0, 0.0), 3.0);
        assert_eq!(outline.points().len(), 5);
        assert_eq!(outline.points()[4], Point::new(10.0, 0.0));
    }

    #[test]
    fn a_contour_that_encloses_nothing_is_dropped() {
        let mut outline = Outline::default();
        outline.push(Point::new(1.0, 1.0));
        outline.push(Point::new(2.0, 1.0));
        outline.close();
        assert_eq!(outline, Outline::default());
    }

    #[test]
    fn a_quarter_turn_maps_right_to_down() {
        let turned = Affine::turned(2.0, 2.0, 0.0, PI / 2.0).map(Point::new(1.0, 0.0));
        assert!((turned.x).abs() < 1e-6 && (turned.y - 2.0).abs() < 1e-6);
    }

    #[test]
    fn absurd_numbers_ask_for_bounded_work() {
        let mut outline = Outline::default();
        for wild in [f32::NAN, f32::INFINITY, f32::MAX, -f32::MAX] {
            let p = Point::new(wild, 1.0);
            outline.circle(p, wild, 0.1);
            outline.ribbon([p; 4], wild, 0.1);
            outline.push(p);
            outline.quad_to(p, Point::default(), 0.1);
            outline.cubic_to(p, Point::default(), p, 0.1);
            outline.line_to(p, 0.1);
            outline.close();
        }
        assert!(outline.points().len() < 8_000);
    }
}
