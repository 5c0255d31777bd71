//! How the page is seen: colours, size, what the person asked their system for.

use serde_json::json;

use super::Browser;

/// What the browser is told of its person and screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Dark colours are wanted.
    pub dark: bool,
    /// Less motion is wanted.
    pub reduced_motion: bool,
    /// The system replaces the page's colours.
    pub forced_colors: bool,
    /// Width of the window in pixels.
    pub width: u32,
    /// Height of the window in pixels.
    pub height: u32,
}

impl Default for Look {
    fn default() -> Self {
        Self { dark: false, reduced_motion: false, forced_colors: false, width: 1000, height: 800 }
    }
}

impl Look {
    /// Dark colours.
    #[must_use]
    pub fn dark() -> Self {
        Self { dark: true, ..Self::default() }
    }

    /// The narrowest screen.
    #[must_use]
    pub fn narrow() -> Self {
        Self { width: 320, ..Self::default() }
    }
}

impl Browser {
    /// Looks at pages like this from now on.
    pub async fn look(&self, look: Look) {
        let yes = |yes: bool, is: &'static str, not: &'static str| if yes { is } else { not };
        let features = json!([
            { "name": "prefers-color-scheme", "value": yes(look.dark, "dark", "light") },
            { "name": "prefers-reduced-motion", "value": yes(look.reduced_motion, "reduce", "no-preference") },
            { "name": "forced-colors", "value": yes(look.forced_colors, "active", "none") },
        ]);
        self.cdp("Emulation.setEmulatedMedia", json!({ "features": features })).await;
        let screen =
            json!({ "width": look.width, "height": look.height, "deviceScaleFactor": 1, "mobile": false });
        self.cdp("Emulation.setDeviceMetricsOverride", screen).await;
    }
}
