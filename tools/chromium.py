"""Find the browser that the browser tests need, or get it. This file knows Debian."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.environment import ROOT

__all__ = ["ensure_chromium"]

DEBIAN = Path("/usr/bin/chromium")
APT = Path("/usr/bin/apt-get")
LINE = "apt-get update && apt-get install -y --no-install-recommends chromium"


def ensure_chromium(arguments: list[str]) -> str | None:
    """Path of a Chromium, installed by apt if need be and allowed.

    Parameters
    ----------
    arguments : list of str
        What the test runner was given: no browser is needed if it names folders without
        browser tests.

    Returns
    -------
    str or None
        The program, or None if these tests need no browser.
    """
    if not _needs_browser(arguments):
        return None
    if given := os.environ.get("RECOURSE_CHROMIUM"):
        return given
    if DEBIAN.exists():
        return str(DEBIAN)
    if other := shutil.which("chromium-browser") or shutil.which("google-chrome"):
        return other
    if not (APT.exists() and os.geteuid() == 0):
        sys.exit(
            "The browser tests need Chromium. On Debian, as root, type\n\n"
            f"    {LINE}\n\nor name one in RECOURSE_CHROMIUM. To test all else:\n\n"
            "    python3 dev.py test src tests --ignore=tests/e2e"
        )
    print("dev.py: Installing Chromium for the browser tests ...", file=sys.stderr, flush=True)
    _apt("update")
    _apt("install", "-y", "--no-install-recommends", "chromium")
    return str(DEBIAN)


def _needs_browser(arguments: list[str]) -> bool:
    """Whether the tests named by these arguments can include browser tests."""
    tests = ROOT / "tests" / "e2e"
    if not tests.exists() or any("--ignore=tests/e2e" in word for word in arguments):
        return False
    named = [(ROOT / word.split("::")[0]).resolve() for word in arguments if word[:1] != "-"]
    named = [path for path in named if path.exists()]
    return not named or any(
        path.is_relative_to(tests) or tests.is_relative_to(path) for path in named
    )


def _apt(*words: str) -> None:
    """Run apt quietly, without questions."""
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    env["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    subprocess.run([str(APT), "-qq", *words], env=env, check=True, stdout=subprocess.DEVNULL)
