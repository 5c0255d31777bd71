//! The table of a program's variables.

/// One variable.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// Key in a TOML file in lower case; the prefix and this in the environment.
    pub key: &'static str,
    /// Used where nothing is set; empty if there is none.
    pub default: &'static str,
    /// May also come from a file named by `KEY_FILE`; never shown.
    pub secret: bool,
    /// May stand in a table of the file's list (see [`Table::list`]).
    pub listed: bool,
}

impl Variable {
    /// A variable with its default; empty if there is none.
    #[must_use]
    pub const fn plain(key: &'static str, default: &'static str) -> Self {
        Self { key, default, secret: false, listed: false }
    }

    /// One that each table of the file's list may set for itself.
    #[must_use]
    pub const fn listed(key: &'static str, default: &'static str) -> Self {
        Self { key, default, secret: false, listed: true }
    }

    /// A secret.
    #[must_use]
    pub const fn secret(key: &'static str) -> Self {
        Self { key, default: "", secret: true, listed: false }
    }
}

/// All variables of a program, and where they may stand.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// What every name begins with in the environment, with its `_`. Without one, names are as they are, and none
    /// that is not in the table is looked at.
    pub prefix: &'static str,
    /// All of them, in the order of `.env.example`.
    pub variables: &'static [Variable],
    /// The key that names the TOML file; `None`: there is no file.
    pub file: Option<&'static str>,
    /// What the file's `[[…]]` tables are called; `None`: it has none.
    pub list: Option<&'static str>,
}

impl Table {
    /// Variables without prefix, from flags and environment only.
    #[must_use]
    pub const fn plain(variables: &'static [Variable]) -> Self {
        Self { prefix: "", variables, file: None, list: None }
    }

    /// The variable with this key, if there is one.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<&'static Variable> {
        self.variables.iter().find(|variable| variable.key == key)
    }

    /// Whether this is the key of a variable, or of a secret's file.
    #[must_use]
    pub fn is_known(&self, key: &str) -> bool {
        let of_secret = key.strip_suffix("_FILE").and_then(|key| self.find(key));
        self.find(key).is_some() || of_secret.is_some_and(|variable| variable.secret)
    }

    /// The name in the environment of the variable with this key.
    #[must_use]
    pub fn name(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }
}
