"""A headless Chromium, spoken to over a pipe in its DevTools protocol: no port, no driver, nothing to install
but the browser."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-headless-shell", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 60.0  # seconds until a test gives an answer up; no assertion on speed


def find() -> str | None:
    """The browser: $CHROMIUM, or the first of NAMES on the path."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


# Gives the browser its two ends under the numbers it expects.
_LAUNCHER = """
import fcntl, os, sys
ours = [fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3]]
for end, number in zip(ours, (3, 4)):
    os.dup2(end, number)
os.execvp(sys.argv[3], sys.argv[3:])
"""


class Browser:
    """A process; `send` is a command of the protocol, `events` what it said meanwhile."""

    def __init__(self, profile: Path) -> None:
        self.events: list[dict[str, Any]] = []
        self._session: str | None = None
        self._number, self._rest = 0, b""
        theirs_in, self._to = os.pipe()
        self._from, theirs_out = os.pipe()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _LAUNCHER, str(theirs_in), str(theirs_out), *self._command(profile)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs_in, theirs_out),
                start_new_session=True,
            )
        finally:
            os.close(theirs_in)
            os.close(theirs_out)

    @staticmethod
    def _command(profile: Path) -> list[str]:
        browser = find()
        assert browser, "no Chromium"
        return [
            browser,
            "--headless=new",
            "--remote-debugging-pipe",
            f"--user-data-dir={profile}",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-default-apps",
            "--disable-sync",
            "--hide-scrollbars",
        ]

    def send(self, method: str, **params: Any) -> Any:
        """The answer. AssertionError where the browser calls it an error, or gives none in time."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        number = self._number
        return self._until(lambda said: said.get("id") == number, method)

    def wait(self, event: str) -> Any:
        """The parameters of the next event of that name, or of one that came already and was not taken."""
        for index, said in enumerate(self.events):
            if said["method"] == event:
                return self.events.pop(index)["params"]
        self._until(lambda said: said.get("method") == event, event)
        return self.events.pop()["params"]

    def _until(self, wanted: Callable[[dict[str, Any]], bool], what: str) -> Any:
        deadline = time.monotonic() + PATIENCE
        while True:
            said = self._message(deadline, what)
            if "id" not in said:
                self.events.append(said)
            if wanted(said):
                assert "error" not in said, f"{what}: {said['error']}"
                return said.get("result")

    def _message(self, deadline: float, what: str) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._from], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"{what}: no answer in {PATIENCE:.0f} s"
            data = os.read(self._from, 1 << 20)
            assert data, f"{what}: the browser has gone (exit status {self._process.wait()})"
            self._rest += data
        text, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message

    def attach(self) -> None:
        """A new page, with everything it says and asks for recorded."""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def close(self) -> None:
        try:
            self._session = None
            os.write(self._to, json.dumps({"id": 0, "method": "Browser.close"}).encode() + b"\0")
            self._process.wait(10)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        os.close(self._to)
        os.close(self._from)


# Where an element is once it is in the same place in two frames after each other.
_AT_REST = """(async () => {{
  const element = {0};
  const frame = () => new Promise(requestAnimationFrame);
  for (let last = null; ; ) {{
    element.scrollIntoView({{ block: "center", behavior: "instant" }});
    await frame();
    await frame();
    const box = element.getBoundingClientRect();
    const place = [box.x, box.y, box.width, box.height];
    if (String(place) === String(last)) return place;
    last = place;
  }}
}})()"""


class Page:
    """The one page of a browser."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.send = browser.send

    def open(self, address: str, width: int = 1280, height: int = 800, dark: bool = False) -> None:
        self._browser.events.clear()
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[scheme])
        self.send("Page.navigate", url=address)
        self._browser.wait("Page.loadEventFired")

    def run(self, expression: str) -> Any:
        """The value of a JavaScript expression; a promise is waited for. AssertionError where it throws."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def until(self, condition: str) -> None:
        """Until a JavaScript expression is true. AssertionError where it has not become so in PATIENCE."""
        self.run(
            f"(async () => {{ while (!({condition})) await new Promise(done => setTimeout(done, 20)); }})()"
        )

    def box(self, expression: str) -> list[float]:
        """x, y, width and height of the element that the expression finds, scrolled to, once it has come to
        rest: what is laid out only when it is near moves the rest of a page for some frames."""
        place: list[float] = self.run(_AT_REST.format(expression))
        return place

    def click(self, expression: str) -> None:
        """With the mouse, in the middle of the element that the expression finds."""
        x, y, width, height = self.box(expression)
        middle = {"x": x + width / 2, "y": y + height / 2}
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **middle)

    def hover(self, x: float, y: float) -> None:
        self.send("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def key(self, key: str, code: int, text: str = "") -> None:
        common = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self.send("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
        self.send("Input.dispatchKeyEvent", type="keyUp", **common)

    def type(self, text: str) -> None:
        self.send("Input.insertText", text=text)

    def requests(self) -> list[str]:
        """Addresses that anything was asked of since open()."""
        self.run("0")  # whatever it has to say before
        return [
            said["params"]["request"]["url"]
            for said in self._browser.events
            if said["method"] == "Network.requestWillBeSent"
        ]

    def complaints(self) -> list[str]:
        """What the console, the log and the engine had to say since open()."""
        self.run("0")
        kinds = {"Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"}
        return [json.dumps(said["params"]) for said in self._browser.events if said["method"] in kinds]

    def screenshot(self, path: Path, whole: bool = True) -> None:
        answer = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(answer["data"]))


@contextmanager
def opened(profile: Path) -> Iterator[Page]:
    """A browser of its own with a page. `profile`: a directory that may be filled."""
    browser = Browser(profile)
    try:
        browser.attach()
        yield Page(browser)
    finally:
        browser.close()
