//! The three listeners, by name.

/// One of the three listeners.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Door {
    /// Like api.github.com.
    Api,
    /// Like github.com.
    Web,
    /// Like ghcr.io, its token service included.
    Registry,
}

impl Door {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 3] = [Self::Api, Self::Web, Self::Registry];

    /// Position in [`Door::ALL`].
    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Api => 0,
            Self::Web => 1,
            Self::Registry => 2,
        }
    }

    /// `api`, `web` or `registry`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Web => "web",
            Self::Registry => "registry",
        }
    }
}
