"""A web site that is not ours: serves its own page and passes two prefixes on to the watcher.

usage: foreign.py PORT WATCHER_URL TOKEN
"""

import http.client
import http.server
import sys
import urllib.parse

PAGE = b"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Somebody's shop</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<script type="module" src="/update-banner.js"></script>
</head>
<body>
<update-banner src="/api/version"></update-banner>
<h1>Somebody's shop</h1>
<p>Flowers, and nothing else.</p>
<version-widget src="/api/version"></version-widget>
</body>
</html>
"""
PASSED_ON = ("/api/version", "/update-banner.js")


class Site(http.server.BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    watcher = urllib.parse.urlsplit("")
    token = ""

    def do_GET(self):
        self.answer()

    def do_POST(self):
        self.answer()

    def do_DELETE(self):
        self.answer()

    def answer(self):
        path = self.path.split("?")[0]
        if path == "/" and self.command == "GET":
            self.page()
        elif path == PASSED_ON[1] or path == PASSED_ON[0] or path.startswith(PASSED_ON[0] + "/"):
            self.pass_on()
        else:
            self.send_error(404)

    def page(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", "default-src 'self'")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        upstream = http.client.HTTPConnection(self.watcher.hostname, self.watcher.port)
        headers = {"Authorization": f"Bearer {self.token}"}
        if body:
            headers["Content-Type"] = self.headers.get("Content-Type", "application/json")
        upstream.request(self.command, self.path, body=body or None, headers=headers)
        answer = upstream.getresponse()
        self.send_response(answer.status)
        for name in ("Content-Type", "Cache-Control", "ETag", "Retry-After"):
            if answer.getheader(name):
                self.send_header(name, answer.getheader(name))
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        while piece := answer.read1(65536):
            self.wfile.write(piece)
            self.wfile.flush()

    def log_message(self, *_):
        pass


def main():
    port, watcher, token = sys.argv[1:]
    Site.watcher = urllib.parse.urlsplit(watcher)
    Site.token = token
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Site)
    server.daemon_threads = True
    server.handle_error = lambda *_: None
    server.serve_forever()


main()
