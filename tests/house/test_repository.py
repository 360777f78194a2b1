"""What is in the repository is meant for everybody who has it."""

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tools.keepers import urls_in_locks

ROOT = Path(__file__).parents[2]
BINARY = {".png", ".pbf", ".pmtiles", ".woff2", ".ico", ".gz", ".webp", ".npz"}
HOSTS = re.compile(
    r"\b(?:pypi\.org|pypi\.python\.org|files\.pythonhosted\.org|registry\.npmjs\.org"
    r"|registry\.yarnpkg\.com)\b"
)
MACHINES = re.compile(r"""(?<![\w.}])/(?:root|work|home/[a-z]+|Users/[a-z]+)/[a-z.]""")
FRAGMENT = re.compile(r"\d{4}-\d{2}-\d{2}-[a-z0-9-]+\.(added|changed|fixed|removed)\.md")


@cache
def tracked() -> list[Path]:
    # The path may hold nothing but Python; git is then looked for where systems keep it.
    git = shutil.which("git") or shutil.which("git", path=os.defpath)
    assert git, "these tests ask git which files are kept"
    listed = subprocess.run(
        [git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file() and path.suffix not in BINARY]


def places(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in tracked()
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def test_locks_name_no_host() -> None:
    assert urls_in_locks(ROOT) == []


def test_a_host_in_a_lock_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "lock").mkdir()
    (tmp_path / "lock" / "run.txt").write_text("numpy @ https://example.org/numpy.whl\n")
    assert urls_in_locks(tmp_path) == ["lock/run.txt:1: numpy @ https://example.org/numpy.whl"]


def test_no_file_names_a_package_registry() -> None:
    assert places(HOSTS) == []


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    assert places(MACHINES) == []


@pytest.mark.parametrize("name", ["uv.lock", ".venv", "node_modules", "__pycache__"])
def test_what_is_made_is_not_kept(name: str) -> None:
    assert [path for path in tracked() if name in path.relative_to(ROOT).parts] == []


def test_a_fragment_of_the_change_log_says_when_and_what_kind() -> None:
    fragments = [path for path in (ROOT / "changes").iterdir() if path.name != "README.md"]
    assert [path.name for path in fragments if not FRAGMENT.fullmatch(path.name)] == []
    assert [path.name for path in fragments if not path.read_text().strip()] == []


def test_a_page_shows_no_python_that_is_not_run() -> None:
    blocks = [
        (path.name, block)
        for path in tracked()
        if path.suffix == ".md"
        for block in re.findall(r"^```py\w*[^\n]*\n(.*?)^```", path.read_text(), re.DOTALL | re.M)
    ]
    assert [name for name, block in blocks if ">>> " not in block] == []
