//! A selected row and the first row that is seen; neither ever leaves the list.

use super::key::Motion;

/// Where somebody is in a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    index: usize,
    top: usize,
}

impl Cursor {
    /// The selected row.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// The first row that is seen.
    #[must_use]
    pub fn top(&self) -> usize {
        self.top
    }

    /// Goes to a row; [`Self::settle`] brings it into the list.
    pub fn go(&mut self, index: usize) {
        self.index = index;
    }

    /// Moves in a list of this length, of which so many rows are seen.
    pub fn step(&mut self, motion: Motion, length: usize, height: usize) {
        self.index = match motion {
            Motion::Rows(rows) => moved(self.index, rows, 1),
            Motion::Screens(screens) => moved(self.index, screens, height.saturating_sub(1).max(1)),
            Motion::First => 0,
            Motion::Last => length,
        };
        self.settle(length, height);
    }

    /// Brings the selection into the list and into sight.
    pub fn settle(&mut self, length: usize, height: usize) {
        let height = height.max(1);
        self.index = self.index.min(length.saturating_sub(1));
        let lowest = (self.index + 1).saturating_sub(height);
        self.top = self.top.clamp(lowest, self.index).min(length.saturating_sub(height));
    }

    /// Whether the last row is selected.
    #[must_use]
    pub fn at_end(&self, length: usize) -> bool {
        self.index + 1 >= length
    }
}

/// By so many steps, without leaving what numbers can say.
pub(super) fn moved(from: usize, steps: i64, size: usize) -> usize {
    let distance = usize::try_from(steps.unsigned_abs()).unwrap_or(usize::MAX).saturating_mul(size);
    if steps < 0 { from.saturating_sub(distance) } else { from.saturating_add(distance) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn motions() -> impl Strategy<Value = Motion> {
        prop_oneof![
            any::<i64>().prop_map(Motion::Rows),
            any::<i64>().prop_map(Motion::Screens),
            Just(Motion::First),
            Just(Motion::Last),
        ]
    }

    proptest! {
        #[test]
        fn the_selection_stays_in_the_list_and_in_sight(
            steps in prop::collection::vec((motions(), 0usize..40, 0usize..12), 1..40),
        ) {
            let mut cursor = Cursor::default();
            for (motion, length, height) in steps {
                cursor.step(motion, length, height);
                prop_assert!(cursor.index() < length.max(1));
                prop_assert!(cursor.top() <= cursor.index() && cursor.index() < cursor.top() + height.max(1));
            }
        }
    }
}
