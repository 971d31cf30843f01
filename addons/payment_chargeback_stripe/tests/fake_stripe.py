# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""A Stripe of our own, on a real socket: it answers as the published API does, or misbehaves."""

import json
import threading
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class FakeStripe:
    """A Stripe with charges, disputes, files and webhooks.

    ``behaviours`` is what happens to the next requests that change something, in order: refuse,
    drop (done, and the line is cut), drop_before (not done, and the line is cut); without one they
    are done.
    """

    def __init__(self):
        self.charges = {}
        self.disputes = {}
        self.files = {}
        self.webhooks = []
        self.requests = []
        self.behaviours = []
        self._keys = {}
        self._lock = threading.Lock()

    def start(self):
        """Listen on a free port, and return the address."""
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                fake._answer(self)

            def do_POST(self):
                fake._answer(self)

            def log_message(self, *args):
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        return self.url

    def stop(self):
        """Close."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def asked(self, method, ending):
        """Return how often something was asked for."""
        return sum(
            one == method and path.endswith(ending) for one, path, _body, _headers in self.requests
        )

    def _answer(self, handler):
        path = urlsplit(handler.path).path
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        with self._lock:
            self.requests.append((handler.command, path, body, dict(handler.headers)))
            behaviour = ""
            if handler.command == "POST":
                behaviour = self.behaviours.pop(0) if self.behaviours else ""
            if behaviour == "drop_before":
                handler.connection.close()
                return
            if behaviour == "refuse":
                status, answer = 400, {"error": {"message": "The dispute is closed."}}
            else:
                status, answer = self._do(handler, path, body)
        if behaviour == "drop":
            handler.connection.close()
            return
        content = json.dumps(answer).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def _do(self, handler, path, body):
        if handler.headers.get("Authorization") != "Bearer sk_test_1":
            return 401, {"error": {"message": "Invalid API Key provided"}}
        _version, kind, *rest = path.strip("/").split("/")
        if kind == "files":
            return 200, self._keep_file(handler, body)
        if kind == "webhook_endpoints":
            self.webhooks.append(parse_qs(body.decode()))
            return 200, {"secret": "whsec_new"}
        shelf = {"charges": self.charges, "disputes": self.disputes}[kind]
        found = shelf.get(rest[0])
        if not found:
            return 404, {"error": {"message": f"No such object: {rest[0]}"}}
        if handler.command == "POST":
            key = handler.headers["Idempotency-Key"]
            if key not in self._keys:
                self._keys[key] = True
                found["evidence"] = {
                    name: values[0] for name, values in parse_qs(body.decode()).items()
                }
                found["status"] = "under_review"
        return 200, {key: value for key, value in found.items() if key != "evidence"}

    def _keep_file(self, handler, body):
        head = f"Content-Type: {handler.headers['Content-Type']}\r\n\r\n".encode()
        parts = {
            part.get_param("name", header="content-disposition"): part
            for part in message_from_bytes(head + body).get_payload()
        }
        number = f"file_{len(self.files) + 1}"
        self.files[number] = {
            "purpose": parts["purpose"].get_payload(),
            "name": parts["file"].get_filename(),
            "type": parts["file"].get_content_type(),
            "content": parts["file"].get_payload(decode=True),
        }
        return {"id": number, "object": "file"}
