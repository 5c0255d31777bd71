// The module may be loaded twice, by a page and by something on it.

import { UpdateBanner } from "./banner.js";
import { VersionWidget } from "./widget.js";

if (!customElements.get("update-banner")) customElements.define("update-banner", UpdateBanner);
if (!customElements.get("version-widget")) customElements.define("version-widget", VersionWidget);
