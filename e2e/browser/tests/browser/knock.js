void (async (site) => {
  const told = (one) => new Promise((done) => { one.onload = one.onerror = done; });
  const pictures = Array.from({ length: 40 }, (_, n) => {
    const picture = new Image();
    picture.src = `${site}/api/version?force=true&n=${n}`;
    return told(picture);
  });
  const headers = { "content-type": "text/plain" };
  const how = { method: "POST", mode: "no-cors", credentials: "include", headers };
  const send = (path, body) => fetch(site + path, { ...how, body }).catch(() => null);
  const skip = '{"version":"1.3.0"}';
  await Promise.all([
    send("/api/version/skip", skip), send("/api/skip", skip),
    send("/api/version/snooze", '{"until":"2031-01-01T00:00:00Z"}'),
    send("/sign-in", '{"key":"test-key-of-no-value-0123456789"}'), send("/sign-out", ""),
    send("/api/dead-letters/replay", "{}"), send("/api/events", '{"events":[]}'),
  ]);
  navigator.sendBeacon(`${site}/api/version/skip`, skip);
  const read = await fetch(`${site}/api/version`, { credentials: "include" }).then((one) => one.text()).catch(() => "refused");
  await Promise.all(pictures);
  window.knocked = { read };
})(...arguments)
