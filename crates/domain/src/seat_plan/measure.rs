//! Lengths and angles of a plan.

use serde::{Serialize, Serializer};

/// A length, a coordinate or an angle in thousandths of a unit or degree, so that equal ones compare equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Measure(i32);

/// Thousandths in one.
const THOUSAND: i32 = 1_000;

impl Measure {
    /// None.
    pub const ZERO: Self = Self(0);
    /// One unit.
    pub const ONE: Self = Self(THOUSAND);

    /// The nearest measure to a number; nothing when there is none between its bounds, which are whole numbers.
    pub fn within(value: f64, low: i64, high: i64) -> Option<Self> {
        let is_within = (low as f64..=high as f64).contains(&value);
        is_within.then(|| Self((value * f64::from(THOUSAND)).round() as i32))
    }

    /// This number of units.
    pub fn whole(units: i32) -> Self {
        Self(units.saturating_mul(THOUSAND))
    }

    /// Half of it.
    pub fn half(self) -> Self {
        Self(self.0 / 2)
    }

    /// The opposite.
    pub fn negated(self) -> Self {
        Self(-self.0)
    }

    /// Its value in units.
    pub fn get(self) -> f64 {
        f64::from(self.0) / f64::from(THOUSAND)
    }

    pub(super) fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }

    pub(super) fn is_one(&self) -> bool {
        *self == Self::ONE
    }
}

impl Serialize for Measure {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        if self.0 % THOUSAND == 0 {
            writer.serialize_i32(self.0 / THOUSAND)
        } else {
            writer.serialize_f64(self.get())
        }
    }
}
