# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""A mail server of one's own: it takes everything, and can misbehave as real ones do.

As a command it serves in a process of its own until its standard input ends, so that what it does
costs its client no time.
"""

import email
import email.policy
import json
import socketserver
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field


@dataclass
class Behaviour:
    """How a server treats its clients.

    :param delay: seconds it thinks about a message after it has kept it, before it says so
    :param refuse: address it takes nothing for
    :param lose_text_of: address whose message it keeps, and then hangs up without a word
    :param lose_before_text_of: address at which it hangs up, once, before it has the text
    :param per_connection: messages after which it hangs up; 0 for any number
    """

    delay: float = 0
    refuse: str = ""
    lose_text_of: str = ""
    lose_before_text_of: str = ""
    per_connection: int = 0


@dataclass
class Received:
    """A message the server has taken."""

    sender: str
    recipients: list[str]
    text: bytes = field(repr=False)

    @property
    def message(self):
        return email.message_from_bytes(self.text, policy=email.policy.default)


class _Conversation(socketserver.StreamRequestHandler):
    def answer(self, line):
        self.wfile.write(f"{line}\r\n".encode())
        self.wfile.flush()

    def handle(self):
        try:
            self._talk(self.server.sink)
        except (ConnectionError, TimeoutError):
            return  # the client has gone, killed perhaps

    def _talk(self, sink):
        sink.connections += 1
        taken = 0
        sender, recipients = "", []
        self.answer("220 sink ready")
        while line := self.rfile.readline():
            words = line.decode().strip()
            verb = words[:4].upper()
            address = words[words.find("<") + 1 : words.find(">")]
            if verb in ("EHLO", "HELO"):
                self.answer("250 sink")
            elif verb == "MAIL":
                if sink.behaviour.per_connection and taken >= sink.behaviour.per_connection:
                    return
                sender, recipients = address, []
                self.answer("250 ok")
            elif verb == "RCPT":
                if address == sink.behaviour.refuse:
                    self.answer("550 no such mailbox")
                    continue
                if address == sink.behaviour.lose_before_text_of:
                    sink.behaviour.lose_before_text_of = ""
                    return
                recipients.append(address)
                self.answer("250 ok")
            elif verb == "DATA":
                self.answer("354 go on")
                text = self._text()
                if text is None:
                    return
                sink.keep(Received(sender, recipients, text))
                taken += 1
                if sink.behaviour.lose_text_of in recipients:
                    return
                if sink.behaviour.delay:
                    time.sleep(sink.behaviour.delay)
                self.answer("250 taken")
            elif verb == "QUIT":
                self.answer("221 bye")
                return
            else:
                self.answer("250 ok")

    def _text(self):
        """Return the text of a message up to its end; nothing if the client goes before."""
        lines = []
        while line := self.rfile.readline():
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return None


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class SmtpSink:
    """A mail server on a port of its own; use it as a context manager.

    :ivar received: what it has taken, in order
    """

    def __init__(self, keep=True, **behaviour):
        self.behaviour = Behaviour(**behaviour)
        self.keeps = keep
        self.received = []
        self.count = 0
        self.connections = 0
        self.came = threading.Condition()

    def __enter__(self):
        self.server = _Server(("127.0.0.1", 0), _Conversation)
        self.server.sink = self
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_error):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def keep(self, received):
        with self.came:
            self.count += 1
            if self.keeps:
                self.received.append(received)
            self.came.notify_all()

    def wait_for(self, count, seconds=60):
        """Wait until it has taken so many messages."""
        with self.came:
            assert self.came.wait_for(lambda: self.count >= count, seconds), "nothing came"

    @property
    def recipients(self):
        """The addresses of everything it has taken, in order."""
        return [address for received in self.received for address in received.recipients]


class SinkProcess:
    """A mail server in a process of its own; use it as a context manager.

    :ivar count: the messages it has taken, known when it has ended
    :ivar connections: how often it was called, likewise
    """

    def __enter__(self):
        self.process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.port = int(self.process.stdout.readline())
        return self

    def __exit__(self, *_error):
        answer, _errors = self.process.communicate()
        figures = json.loads(answer)
        self.count, self.connections = figures["count"], figures["connections"]


def serve():
    with SmtpSink(keep=False) as sink:
        print(sink.port, flush=True)
        sys.stdin.read()
    print(json.dumps({"count": sink.count, "connections": sink.connections}))


if __name__ == "__main__":
    serve()
