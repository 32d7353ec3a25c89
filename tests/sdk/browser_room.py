"""A real browser, and the servers of those who would use it: a page's own origin, and one whose name is rebound."""

import http.server
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import threading
from pathlib import Path

from relay import Relay

PAGE = (Path(__file__).parent / "browser" / "attack.html").read_bytes()

# Without those on networking it would look for its makers' hosts, which a test machine does not reach.
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-popup-blocking",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium():
    """The browser's path, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


class Browser:
    """Looks at one address until it is closed."""

    def __init__(self, folder, address, names):
        rules = ",".join(f"MAP {name} {host}" for name, host in names.items())
        self._log_file = Path(folder) / "chromium.log"
        self._log = open(self._log_file, "wb")
        self._process = subprocess.Popen(
            [chromium(), *FLAGS, f"--user-data-dir={folder}/profile", f"--host-resolver-rules={rules}", address],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    def log(self):
        return self._log_file.read_text(errors="replace")[-4000:]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # Its helpers are in its group, and nobody else is.
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._log.close()


class PageServer:
    """Serves the page under any name, and takes its findings."""

    def __init__(self):
        findings = self._findings = queue.Queue()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(PAGE)))
                self.end_headers()
                self.wfile.write(PAGE)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(204)
                self.end_headers()
                findings.put(json.loads(body))

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.report = f"http://127.0.0.1:{self.port}/report"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def findings(self, seconds):
        return self._findings.get(timeout=seconds)

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class Rebound(Relay):
    """What a browser sees when an attacker's name first leads to the attacker and then to this machine.

    It listens where the attacker's host would be, on the emulator's own port, so that page and emulator are one origin
    to the browser. The page comes from here; any other request goes on to the emulator as the browser wrote it.
    """

    ADDRESS = "127.0.0.2"

    def __init__(self, port):
        super().__init__(port, (self.ADDRESS, port))

    def serve(self, client):
        first = client.recv(65536)
        if first.startswith(b"GET /page"):
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(PAGE)}\r\n"
            client.sendall(f"{head}Connection: close\r\n\r\n".encode() + PAGE)
        elif first:
            self.pass_on(client, first)
