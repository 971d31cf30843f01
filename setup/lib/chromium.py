"""A headless Chromium driven over its DevTools protocol."""

import base64
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import urllib.request

import websocket

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SWITCHES = (
    "--headless",
    "--remote-debugging-port=0",
    "--remote-allow-origins=*",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--hide-scrollbars",
    "--no-first-run",
    "--no-default-browser-check",
)
QUIET_SECONDS = 0.6  # a page has settled when it asked for nothing this long


class Chromium:
    """One browser with one page; use it as a context manager."""

    def __init__(self, width=1400, height=900, scale=1):
        self.width, self.height, self.scale = width, height, scale
        self.problems = []
        self._last_id = 0
        self._pending = {}
        self._last_traffic = time.monotonic()

    def __enter__(self):
        program = next(filter(None, map(shutil.which, PROGRAMS)), None)
        if not program:
            raise SystemExit("No Chromium found. Install it: apt-get install chromium")
        self._profile = tempfile.mkdtemp(prefix="collection-suite-chromium-")
        switches = [*SWITCHES, f"--window-size={self.width},{self.height}"]
        if os.getuid() == 0:
            switches.append("--no-sandbox")
        self._process = subprocess.Popen(
            [program, *switches, f"--user-data-dir={self._profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._connect()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exception):
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._profile, ignore_errors=True)

    def _connect(self):
        port_file = pathlib.Path(self._profile, "DevToolsActivePort")
        deadline = time.monotonic() + 30
        while not (port_file.exists() and port_file.read_text().strip()):
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise SystemExit("Chromium did not start.")
            time.sleep(0.05)
        port = port_file.read_text().split()[0]
        while True:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=10) as answer:
                pages = [page for page in json.load(answer) if page["type"] == "page"]
            if pages:
                break
            time.sleep(0.05)
        self._socket = websocket.create_connection(
            pages[0]["webSocketDebuggerUrl"], timeout=60, suppress_origin=True
        )
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.send(f"{domain}.enable")
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=self.width,
            height=self.height,
            deviceScaleFactor=self.scale,
            mobile=self.width < 600,
        )

    def send(self, method, **params):
        self._last_id += 1
        wanted = self._last_id
        self._socket.send(json.dumps({"id": wanted, "method": method, "params": params}))
        while True:
            message = self._receive(60)
            if message is None:
                raise RuntimeError(f"Chromium gave no answer to {method}")
            if message.get("id") == wanted:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                return message["result"]

    def _receive(self, seconds):
        self._socket.settimeout(seconds)
        try:
            message = json.loads(self._socket.recv())
        except websocket.WebSocketTimeoutException:
            return None
        self._note(message.get("method"), message.get("params", {}))
        return message

    def _note(self, event, params):
        """Keep count of the requests under way and of what the page complained about."""
        if event == "Network.requestWillBeSent":
            if "/websocket" not in params["request"]["url"]:
                self._pending[params["requestId"]] = params["request"]["url"]
            self._last_traffic = time.monotonic()
        elif event in ("Network.loadingFinished", "Network.loadingFailed"):
            self._pending.pop(params["requestId"], None)
            self._last_traffic = time.monotonic()
        elif event == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            text = details.get("exception", {}).get("description") or details["text"]
            self.problems.append(text)
        elif event == "Runtime.consoleAPICalled" and params["type"] in ("error", "assert"):
            words = [str(arg.get("value", arg.get("description", ""))) for arg in params["args"]]
            self.problems.append(" ".join(words))
        elif event == "Log.entryAdded" and params["entry"]["level"] == "error":
            entry = params["entry"]
            self.problems.append(f"{entry['text']} {entry.get('url', '')}".strip())

    def set_cookie(self, name, value, url):
        self.send("Network.setCookie", name=name, value=value, url=url)

    def open(self, url, timeout=60):
        self._pending.clear()
        self.send("Page.navigate", url="about:blank")
        self._pending.clear()
        self.send("Page.navigate", url=url)
        self.settle(timeout)

    def settle(self, timeout=60):
        """Wait until the page is loaded and neither asks for nor draws anything more."""
        deadline = time.monotonic() + timeout
        self._last_traffic = time.monotonic()
        while time.monotonic() < deadline:
            self._receive(0.1)
            quiet = time.monotonic() - self._last_traffic
            if self._pending and quiet < 5 or quiet < QUIET_SECONDS:
                continue
            if self.evaluate(
                "document.readyState === 'complete' && document.fonts.status === 'loaded'"
                " && !document.querySelector('.o_blockUI, .o_loading_indicator, .o_view_sample_data_loading')"
                " && (!document.querySelector('.o_web_client')"
                "     || !!document.querySelector('.o_action_manager > *, .o_home_menu'))"
            ):
                return
        self.problems.append("The page did not settle in time.")

    def evaluate(self, expression):
        answer = self.send(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description", details["text"]))
        return answer["result"].get("value")

    def click(self, selector, timeout=10):
        """Click the first element that matches a CSS selector."""
        find = f"document.querySelector({json.dumps(selector)})"
        deadline = time.monotonic() + timeout
        while not self.evaluate(f"!!{find}"):
            if time.monotonic() > deadline:
                raise SystemExit(f"Nothing to click at {selector!r}")
            self._receive(0.1)
        self.evaluate(f"{find}.click()")
        self.settle()

    def screenshot(self, path, whole_page=False):
        if whole_page:
            self._grow_to_content()
        data = self.send("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def _grow_to_content(self):
        """Odoo scrolls inside the page, so make the window as tall as what it scrolls."""
        height = self.evaluate(
            "Math.max(document.documentElement.scrollHeight, ...Array.from("
            "document.querySelectorAll('.o_content, .o_form_view_container, .o_form_sheet_bg,"
            " .o_list_renderer, .o_action, main'),"
            " e => e.getBoundingClientRect().top + e.scrollHeight))"
        )
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=self.width,
            height=min(int(height) + 20, 8000),
            deviceScaleFactor=self.scale,
            mobile=self.width < 600,
        )
        self.settle()
