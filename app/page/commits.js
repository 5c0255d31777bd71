// What git did: lines for a session's commits and for the activity of all workspaces.

import { page, sessionPath } from "./api.js";
import { el, named, oneLine } from "./dom.js";
import { git } from "./event-words.js";
import { count, timeOfDay, when } from "./format.js";
import { icon } from "./icons.js";
import { empty } from "./notice.js";
import { PagedList } from "./paged-list.js";
import { sessionAddress } from "./place.js";

const PICTURES = { "git.commit": "commit", "git.push": "push", "git.checkout": "checkout", "git.merge": "merge" };
const VERBS = { "git.commit": "Commit", "git.push": "Push", "git.checkout": "Checkout", "git.merge": "Merge" };

/** One line of git activity; `around` says what is known from where it stands and need not be told again. */
export function activityLine(activity, around = {}) {
  const verb = VERBS[activity.type] ?? oneLine(activity.type, 60);
  const subject = activity.subject ?? (activity.branch === null ? verb : null);
  return el(
    "li",
    { class: "activity-line", "data-activity": activity.id, "data-type": activity.type },
    el("span", { class: "event-icon" }, icon(PICTURES[activity.type] ?? "other")),
    el(
      "div",
      { class: "event-body" },
      el(
        "p",
        { class: "event-head" },
        activity.type !== "git.commit" && el("strong", {}, `${verb} `),
        subject !== null && subject !== verb && el("span", { class: "subject", dir: "auto" }, oneLine(subject, 500)),
      ),
      el("p", { class: "sub" }, facts(activity, around)),
    ),
  );
}

function facts(activity, around) {
  const parts = [
    around.day ? timeOfDay(activity.at, false) : when(activity.at),
    activity.sha && el("code", { title: oneLine(activity.sha, 64) }, oneLine(activity.sha, 64).slice(0, 7)),
    activity.branch && el("span", { class: "branch" }, named(activity.branch)),
    (activity.repository ?? activity.workspace) && named(activity.repository ?? activity.workspace),
    activity.repository && activity.workspace && activity.workspace !== activity.repository && !around.session
      ? named(activity.workspace)
      : null,
    changes(activity),
    activity.sessionId && !around.session && el("a", { href: sessionAddress(activity.sessionId) }, "session"),
  ].filter(Boolean);
  return parts.flatMap((part, index) => (index === 0 ? [part] : [" · ", part]));
}

function changes({ additions, deletions }) {
  if (additions === null && deletions === null) return null;
  return el(
    "span",
    { class: "changes" },
    additions !== null && el("span", { class: "added", title: "Lines added" }, `+${count(additions)}`),
    " ",
    deletions !== null && el("span", { class: "removed", title: "Lines removed" }, `−${count(deletions)}`),
  );
}

/** The commits of one session. */
export function sessionCommits({ session, restore, signal }) {
  const paged = new PagedList({
    container: el("ol", { id: "commits", class: "activity" }),
    signal,
    load: (options) => page(`${sessionPath(session.id)}/events`, { type: "git.commit" }, options),
    row: (event) => ({ node: activityLine({ ...event, ...git(event.data) }, { session: true }) }),
    whenEmpty: () =>
      empty(
        "No commits",
        el("p", {}, "Commits made during this session appear here once the git hook is installed: "),
        el("p", {}, el("code", {}, "remote-agent hook git install --global")),
      ),
  });
  return { node: paged.node, ready: paged.start(restore.loaded), memory: () => ({ loaded: paged.items.length }) };
}
