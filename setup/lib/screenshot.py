"""Pictures of Odoo's screens; see setup/screenshot."""

import argparse
import contextlib
import os
import pathlib
import re
import sys

import requests

from chromium import Chromium
from odoo_server import OdooServer

WORK = pathlib.Path(os.environ["ODOO_CONF"]).parent


class Session:
    """A user logged in at a server."""

    def __init__(self, url, database, login, password):
        self.url = url
        self.credentials = {"db": database, "login": login, "password": password}
        self.log_in()

    def log_in(self):
        self.http = requests.Session()
        self.user_id = self._post("/web/session/authenticate", self.credentials)["uid"]
        self.id = self.http.cookies["session_id"]

    def _post(self, path, params):
        answer = self.http.post(self.url + path, json={"params": params}, timeout=60).json()
        if "error" in answer:
            error = answer["error"]
            sys.exit(error.get("data", {}).get("message") or error["message"])
        return answer["result"]

    def call(self, model, method, *args, **kwargs):
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self._post(f"/web/dataset/call_kw/{model}/{method}", params)

    @contextlib.contextmanager
    def language(self, code):
        """Show the screens in a language; afterwards the user's own is back."""
        if not code:
            yield
            return
        before = self.call("res.users", "read", [self.user_id], ["lang"])[0]["lang"]
        self.call("res.users", "write", [self.user_id], {"lang": code})
        self.log_in()  # a session keeps the language of its start
        try:
            yield
        finally:
            self.call("res.users", "write", [self.user_id], {"lang": before})


def arguments():
    parser = argparse.ArgumentParser(
        prog="setup/screenshot",
        description="Takes pictures of screens, e.g. setup/screenshot cases=/odoo/collection-cases",
        epilog="What the browser's console complained about is printed, and the exit status is then 1.",
    )
    parser.add_argument(
        "pages", nargs="+", metavar="NAME=PATH", help="picture's name and the path to open"
    )
    parser.add_argument(
        "-d", "--database", default="collection_suite_demo", help="default: the one of setup/demo"
    )
    parser.add_argument("-s", "--server", help="a running server; without it one is started")
    parser.add_argument("-u", "--user", default="admin", help="login (default: admin)")
    parser.add_argument("-p", "--password", help="default: the login")
    parser.add_argument("-l", "--lang", help="language of the screens, e.g. he_IL")
    parser.add_argument(
        "-o", "--out", default=".", type=pathlib.Path, help="folder of the pictures"
    )
    parser.add_argument("--size", default="1400x900", help="width x height (default: 1400x900)")
    parser.add_argument("--scale", default=1, type=float, help="device pixels per pixel")
    parser.add_argument("--whole", action="store_true", help="the whole page, not just the window")
    parser.add_argument(
        "--click",
        action="append",
        default=[],
        metavar="SELECTOR",
        help="click this in every page first (may be repeated)",
    )
    parser.add_argument("--text", action="store_true", help="print the text on each page too")
    return parser.parse_args()


def main():
    options = arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    width, height = map(int, re.split("[x×]", options.size))
    with contextlib.ExitStack() as stack:
        url = options.server
        if not url:
            url = stack.enter_context(
                OdooServer(options.database, WORK / "log" / "screenshot.log")
            ).url
        session = Session(
            url.rstrip("/"), options.database, options.user, options.password or options.user
        )
        stack.enter_context(session.language(options.lang))
        browser = stack.enter_context(Chromium(width, height, options.scale))
        browser.set_cookie("session_id", session.id, url)
        for page in options.pages:
            name, path = page.split("=", 1)
            browser.open(session.url + path)
            for selector in options.click:
                browser.click(selector)
            target = options.out / f"{name}.png"
            browser.screenshot(target, options.whole)
            print(target)
            if options.text:
                print(browser.evaluate("document.body.innerText"))
        for problem in dict.fromkeys(browser.problems):
            print(f"console: {problem}", file=sys.stderr)
        sys.exit(bool(browser.problems))


if __name__ == "__main__":
    main()
