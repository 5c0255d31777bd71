//! Columns of a list: the important ones first, the rest as the window allows.

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column<T> {
    /// What it shows.
    pub what: T,
    /// Its head.
    pub title: &'static str,
    /// Cells that it needs.
    pub least: u16,
    /// Cells that it takes where there is room.
    pub most: u16,
    /// Columns with a lower rank come first where not all fit.
    pub rank: u8,
    /// Whether it ends at its right side, as numbers do.
    pub right: bool,
}

/// A column at its place.
#[derive(Clone, Copy, Debug)]
pub struct Placed<T> {
    /// The column.
    pub column: Column<T>,
    /// Its first cell.
    pub x: u16,
    /// Its cells.
    pub cells: u16,
}

/// Cells between two columns.
const GAP: u16 = 2;

/// The columns that fit into so many cells from `x` on, up to the first by rank that does not.
#[must_use]
pub fn place<T: Copy>(columns: &[Column<T>], x: u16, cells: u16) -> Vec<Placed<T>> {
    let mut order: Vec<usize> = (0..columns.len()).collect();
    order.sort_by_key(|index| columns[*index].rank);
    let mut left = cells;
    let mut widths = vec![0; columns.len()];
    for index in &order {
        let gap = if left == cells { 0 } else { GAP };
        let needed = columns[*index].least + gap;
        if needed > left {
            break;
        }
        widths[*index] = columns[*index].least;
        left -= needed;
    }
    // Round by round, so that all that can grow do.
    while left > 0 {
        let before = left;
        for index in &order {
            let column = &columns[*index];
            if left > 0 && widths[*index] > 0 && widths[*index] < column.most {
                widths[*index] += 1;
                left -= 1;
            }
        }
        if left == before {
            break;
        }
    }
    let mut x = x;
    let mut placed = Vec::new();
    for (column, cells) in columns.iter().zip(widths).filter(|(_, cells)| *cells > 0) {
        placed.push(Placed { column: *column, x, cells });
        x += cells + GAP;
    }
    placed
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn columns_never_leave_the_window_nor_touch(cells in 0u16..250, seed in prop::collection::vec((1u16..30, 0u16..40, 0u8..9), 0..12)) {
            let columns: Vec<Column<()>> = seed
                .iter()
                .map(|(least, more, rank)| Column { what: (), title: "", least: *least, most: least + more, rank: *rank, right: false })
                .collect();
            let placed = place(&columns, 2, cells);
            let mut end = 0;
            for column in placed {
                let gap = if end == 0 { 0 } else { GAP };
                prop_assert!(column.x >= end + gap);
                end = column.x + column.cells;
                prop_assert!(end <= 2 + cells);
            }
        }
    }
}
