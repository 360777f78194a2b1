"""Serving ends when it is told to, whoever is still listening."""

import signal
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from shutil import copytree

from recourse.adapters.clock import WallClock
from recourse.adapters.store import migrate, open_store
from tests.doors import little_town
from tests.e2e.test_kill import Day, served


def test_an_open_live_stream_does_not_hold_up_the_end(tmp_path: Path) -> None:
    copytree(little_town().tiles.parent, tmp_path / "cities" / "corners")
    day = Day(tmp_path, Random(1))
    with served(day) as process:
        stream = HTTPConnection("127.0.0.1", day.port, timeout=20)
        stream.request("GET", "/v1/live")
        answer = stream.getresponse()
        assert answer.readline() == b"retry: 2000\n"
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=4)[1].decode()
        assert "Traceback" not in said
        assert answer.read().endswith(b"\n\n")
        stream.close()


def test_a_database_that_cannot_be_reached_is_one_clear_line(tmp_path: Path) -> None:
    copytree(little_town().tiles.parent, tmp_path / "cities" / "corners")
    command = [sys.executable, "-m", "recourse.cli", "serve", "--city", "corners"]
    command += ["--data", str(tmp_path), "--db", "postgresql://me:hush@127.0.0.1:1/none"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("db: postgresql://me:***@127.0.0.1:1/none cannot be used: ")
    assert "--db or RECOURSE_DB" in line


def test_a_second_owner_of_an_area_is_one_clear_line(tmp_path: Path) -> None:
    copytree(little_town().tiles.parent, tmp_path / "cities" / "corners")
    url = f"sqlite:///{tmp_path / 'platform.db'}"
    migrate(url)
    with open_store(url, clock=WallClock()) as store:
        store.own("north", owner="somebody else", now=WallClock().now(), lease_s=3_600)
    command = [sys.executable, "-m", "recourse.cli", "serve", "--city", "corners", "--port", "0"]
    command += ["--data", str(tmp_path), "--db", url, "--area", "north"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "area 'north' is owned by somebody else until" in line
