//! What is wrong with a configuration, in words that lead to the fix.

use std::fmt;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The variable, as the person wrote it.
    pub variable: String,
    /// What must hold, and what to do.
    pub rule: String,
}

/// All mistakes of one configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mistakes(Vec<Mistake>);

impl Mistakes {
    /// Adds one.
    pub fn add(&mut self, variable: impl Into<String>, rule: impl Into<String>) {
        self.0.push(Mistake { variable: variable.into(), rule: rule.into() });
    }

    /// Nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Mistake> {
        self.0.iter()
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        write!(formatter, "the configuration has {count} mistake{}:", if count == 1 { "" } else { "s" })?;
        for mistake in &self.0 {
            write!(formatter, "\n  {}: {}", mistake.variable, mistake.rule)?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}
