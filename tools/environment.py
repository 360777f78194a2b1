"""Make `.venv` what the lock files say. This file knows uv, pip and stamps.

The fast way is uv, from the path or fetched by pip under a pinned hash; where uv cannot reach a
registry that pip can, pip does the work from the same lock. Every step leaves a stamp, so a second
start costs a few file reads.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools import kernel, pages

__all__ = ["PYTHON", "ROOT", "VENV", "ensure", "lock", "surroundings"]

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = ROOT / "lock"
BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)


def surroundings() -> dict[str, str]:
    """Environment variables every step runs with.

    Returns
    -------
    dict of str to str
        Those of this process, with `.venv/bin` first on the path, no download of a Python, and the
        machine's certificate authorities trusted where it has a list of them.
    """
    env = dict(os.environ)
    env["PATH"] = f"{PYTHON.parent}{os.pathsep}{env.get('PATH', os.defpath)}"
    env["VIRTUAL_ENV"] = str(VENV)
    env.setdefault("UV_PYTHON_DOWNLOADS", "never")
    env.setdefault("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    if any(Path(bundle).exists() for bundle in BUNDLES):
        env.setdefault("UV_SYSTEM_CERTS", "true")
    return env


def ensure(wanted: str) -> None:
    """Bring `.venv` up to date with a lock file and install the project into it.

    Parameters
    ----------
    wanted : {"run", "dev", "peers"}
        Which lock; ``dev`` and ``peers`` hold everything ``run`` holds, in the same versions.
    """
    VENV.mkdir(exist_ok=True)
    with _alone():
        if not PYTHON.exists():
            _create()
        enough = {wanted, "dev"} if wanted == "run" else {wanted}
        if not any(_is_stamped(name, _lock_hash(name)) for name in enough):
            with _told(f"Installing the packages of lock/{wanted}.txt"):
                _install("--require-hashes", "-r", f"lock/{wanted}.txt")
            _stamp(wanted, _lock_hash(wanted))
        if not _is_stamped("kernel", kernel.content_hash(ROOT)):
            _install_kernel()
        if not (_is_stamped("project", _project_hash()) and pages.is_fresh(ROOT)):
            _install_project()
            _stamp("project", _project_hash())


def lock(extra: list[str]) -> None:
    """Write the lock files again, for every platform and Python the project allows.

    Parameters
    ----------
    extra : list of str
        Passed on to ``uv pip compile``, for example ``--upgrade``.
    """
    if not PYTHON.exists():
        _create()
    options = "--universal --generate-hashes --no-annotate --no-header --no-emit-index-url --quiet"
    compile_ = ["pip", "compile", "--python", str(PYTHON), *options.split(), *extra]
    _run(_uv(), *compile_, "pyproject.toml", "--group", "dev", "-o", "lock/dev.txt")
    # Constrained by the first, so that going from `run` to `dev` only ever adds packages.
    _run(_uv(), *compile_, "pyproject.toml", "-c", "lock/dev.txt", "-o", "lock/run.txt")
    peers = ["pyproject.toml", "--group", "peers", "-c", "lock/dev.txt"]
    _run(_uv(), *compile_, *peers, "-o", "lock/peers.txt")
    for name in ("build", "kernel", "web", "uv", "zig"):
        _run(_uv(), *compile_, f"lock/{name}.in", "-o", f"lock/{name}.txt")
    pages.strip_lock(ROOT)


def _create() -> None:
    """Make an empty `.venv` with the Python that runs this."""
    python = getattr(sys, "_base_executable", sys.executable)
    with _told("Creating .venv"):
        if uv := shutil.which("uv"):
            _run(uv, "venv", "--quiet", "--allow-existing", "--python", python, VENV)
            return
        if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
            sys.exit(
                "This Python came without venv and pip. On Debian and Ubuntu, type\n\n"
                "    apt-get install python3-venv\n\nand start again."
            )
        _run(python, "-m", "venv", VENV)


def _uv() -> Path | str:
    """The uv of `.venv`, or that of the path; fetched if there is neither."""
    own = PYTHON.parent / "uv"
    if own.exists():
        return own
    if uv := shutil.which("uv"):
        return uv
    _run(PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", "lock/uv.txt")
    return own


def _install(*what: str) -> None:
    """Install with uv, or with pip where uv fails and pip is there."""
    try:
        _run(_uv(), "pip", "install", "--quiet", "--python", PYTHON, *what)
    except subprocess.CalledProcessError:
        if not any(VENV.glob("lib/python*/site-packages/pip")):
            raise
        _say("uv did not manage; trying pip, which is slower")
        _run(PYTHON, "-m", "pip", "install", "--quiet", *what)


def _install_project() -> None:
    """Install the project itself, with its pages built, from pinned build requirements."""
    needed = ["build"] if pages.is_fresh(ROOT) else ["build", "web"]
    named = [word for name in needed for word in ("-r", f"lock/{name}.txt")]
    with _told("Building the pages and installing the project" if needed[1:] else "Installing"):
        _install("--require-hashes", *named)
        _install("--no-deps", "--no-build-isolation", "--editable", ".")


def _install_kernel() -> None:
    """Compile the kernel with the machine's compiler or a fetched one, and install it.

    Without it everything works, ten to a hundred times slower where plans are put right: the
    engine says so when it is first asked.
    """
    if not kernel.has_headers():
        _say("This Python came without headers (python3-dev): the kernel is not built")
        return
    with _told("Compiling the kernel"):
        compilers = kernel.compilers()
        _install("--require-hashes", "-r", "lock/kernel.txt")
        if compilers is None:
            _install("--require-hashes", "-r", "lock/zig.txt")
            compilers = kernel.zig_compilers(VENV / "zig", PYTHON)
        named = ("--no-deps", "--no-build-isolation", "--reinstall", "./kernel")
        _run(_uv(), "pip", "install", "--quiet", "--python", PYTHON, *named, **compilers)
    _stamp("kernel", kernel.content_hash(ROOT))


def _project_hash() -> str:
    """Hash of what decides how the project is installed: its place and its build."""
    digest = hashlib.sha256(str(ROOT).encode())
    for name in ("pyproject.toml", "hatch_build.py", "lock/build.txt"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def _lock_hash(name: str) -> str:
    """Hash of a lock file."""
    return hashlib.sha256((LOCKS / f"{name}.txt").read_bytes()).hexdigest()


def _is_stamped(name: str, made_from: str) -> bool:
    """Whether something was last made from exactly these inputs."""
    path = VENV / f".made-{name}"
    return path.exists() and path.read_text() == made_from


def _stamp(name: str, made_from: str) -> None:
    """Remember what something was made from."""
    (VENV / f".made-{name}").write_text(made_from)


def _run(*command: object, **more: str) -> None:
    """Run a command in the checkout and insist that it succeeds."""
    words = [str(word) for word in command]
    subprocess.run(words, cwd=ROOT, env=surroundings() | more, check=True)


def _say(text: str) -> None:
    """Tell the person at the terminal, without mixing with what a command prints for programs."""
    print(f"dev.py: {text}", file=sys.stderr, flush=True)


@contextmanager
def _told(text: str) -> Iterator[None]:
    """Announce a step that may take a while, and say how long it took."""
    _say(f"{text} ...")
    started_s = time.monotonic()
    yield
    _say(f"{text}: {time.monotonic() - started_s:.1f} s")


@contextmanager
def _alone() -> Iterator[None]:
    """Hold off another `dev.py` of the same checkout until this one has finished preparing."""
    # Not `.lock`: that one is uv's own, and uv runs while this is held.
    with (VENV / ".dev-lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
