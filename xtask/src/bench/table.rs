//! The table of figures, with the bounds that some of them must keep.

use crate::screen;

/// One line: what, how much, and at most how much.
#[derive(Debug)]
pub(crate) struct Row {
    name: String,
    value: f64,
    bound: Option<f64>,
}

impl Row {
    /// A figure that nothing is asked of.
    pub(crate) fn figure(name: impl Into<String>, value: f64) -> Self {
        Self { name: name.into(), value, bound: None }
    }

    /// A figure that must not be larger than `bound`.
    pub(crate) fn at_most(name: impl Into<String>, value: f64, bound: f64) -> Self {
        Self { name: name.into(), value, bound: Some(bound) }
    }
}

/// All lines, in order.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
}

impl Table {
    /// Adds a line at the end.
    pub(crate) fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Prints every line, as a Markdown table.
    pub(crate) fn print(&self) {
        screen::line("");
        screen::line(&format!(
            "| {:<58} | {:>9} | {:>8} | {:<4} |",
            "median", "measured", "at most", ""
        ));
        screen::line(&format!("|{:-<60}|{:->11}|{:->10}|{:-<6}|", "", ":", ":", ""));
        for row in &self.rows {
            let bound = row.bound.map(|bound| format!("{bound:.1}")).unwrap_or_default();
            let verdict =
                row.bound.map_or("", |bound| if row.value <= bound { "ok" } else { "over" });
            let (name, value) = (&row.name, row.value);
            screen::line(&format!("| {name:<58} | {value:>9.2} | {bound:>8} | {verdict:<4} |"));
        }
    }
}
