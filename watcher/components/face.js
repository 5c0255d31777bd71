// Which of its faces a state has. "Not known" is never taken for "nothing newer".

export function faceOf({ state, problem }) {
  if (problem) return problem;
  if (!state) return "loading";
  if (state.error?.code === "watcher_unavailable") return "away";
  if (state.status === "disabled") return "off";
  const affected = state.security?.affected === true;
  if (state.updateAvailable === true && state.latest) {
    const helps = affected && state.security.latestAffected !== true;
    return helps || state.severity === "security" ? "fix" : "update";
  }
  if (affected) return "exposed";
  if (state.status === "unknown" || state.comparison === "unknown") return "unknown";
  if (state.pending?.version) return "pending";
  if (state.status === "stale") return "stale";
  const other = ["ahead", "diverged"].find((face) => face === state.comparison);
  return other ?? (state.updateAvailable === false ? "good" : "unknown");
}
