"""Where Chromium is, for the browser tests and the pictures of the documentation; installs it where that may be.

python -m tools.chromium             says where it is
python -m tools.chromium --install   gets it when there is none
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

SETTING = "INTERLACE_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW = (
    "install your system's Chromium (on Debian: apt-get install chromium), let Playwright fetch one "
    f"(python -m playwright install --with-deps chromium), or name one in {SETTING}"
)
INSTALL_SECONDS = 300
REQUIRED = "INTERLACE_BROWSER"
"""Set to `required`, a test that finds no Chromium fails instead of being reported as not run."""


def find_chromium() -> str | None:
    """Return the program: the one that is named, the system's, Playwright's own, or None."""
    named = os.environ.get(SETTING)
    if named:
        return named
    for name in NAMES:
        found = shutil.which(name)
        if found is not None:
            return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def is_required() -> bool:
    """Whether tests may not do without."""
    return os.environ.get(REQUIRED) == "required"


def install() -> None:
    """Let Playwright fetch one; where one is required, as on build machines, packages of the system may be added."""
    ways = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if is_required():
        if shutil.which("apt-get") is not None:
            packages = ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]
            ways = [["apt-get", "update", "--quiet"], packages, *ways]
        ways.append([sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"])
    for way in ways:
        print("==> " + " ".join(way), flush=True)
        try:
            ended = subprocess.run(way, check=False, stdin=subprocess.DEVNULL, timeout=INSTALL_SECONDS)  # noqa: S603 - ours
        except subprocess.TimeoutExpired:
            print("it took too long", flush=True)
            continue
        if ended.returncode == 0 and find_chromium() is not None:
            return


def main() -> int:
    """Say where it is; 1 if it is nowhere."""
    if find_chromium() is None and "--install" in sys.argv[1:]:
        install()
    found = find_chromium()
    print(f"Chromium: {found}" if found else f"There is no Chromium, so no browser test runs: {HOW}.")
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
