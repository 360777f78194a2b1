"""This file knows how a policy file is read, and on which line of it a field stands."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recourse.model.errors import Invalid, NotFound

__all__ = ["SHIPPED", "PolicyFile", "read_policy_file"]

SHIPPED = Path(__file__).with_name("remedies.toml")
"""The policy that comes with the platform, to be copied and changed."""

_MOST_BYTES = 1_000_000
_STEP = re.compile(r"(?P<name>[^.\[\]]+)(?:\[(?P<number>\d+)\])?")
_HEADER = re.compile(r"^\s*\[{1,2}\s*(?P<name>[\w-]+)\s*\]{1,2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFile:
    """A policy file as it was written.

    Attributes
    ----------
    path : Path
        Where it lies.
    text : str
        All of it.
    tables : dict
        What TOML makes of it.
    """

    path: Path
    text: str
    tables: dict[str, Any]

    def line_of(self, field: str) -> int:
        """Line on which a field stands, counted from 1; 0 if that cannot be told.

        Parameters
        ----------
        field : str
            E.g. ``"limits.day_cents"`` or ``"customer[2].when"``; rules are counted from 1.

        Returns
        -------
        int
            The line of the key, or of the heading of its table where the key is missing.
        """
        table, _, key = field.rpartition(".")
        lines = self.text.splitlines()
        if not table and not _STEP.fullmatch(key):
            return 0
        start, end = self._block(lines, table) if table else self._block(lines, key)
        if start < 0 and not table:
            start, end = self._top(lines)
        wanted = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
        found = (n for n in range(max(start, 0), end) if wanted.match(lines[n]))
        return next(found, start) + 1

    @staticmethod
    def _top(lines: list[str]) -> tuple[int, int]:
        """Lines before the first heading."""
        end = next((n for n, line in enumerate(lines) if _HEADER.match(line)), len(lines))
        return -1, end

    @staticmethod
    def _block(lines: list[str], table: str) -> tuple[int, int]:
        """Lines of a table, its heading first; (-1, 0) where there is no such heading."""
        step = _STEP.fullmatch(table)
        if step is None:
            return -1, 0
        heads = [(n, head["name"]) for n, line in enumerate(lines) if (head := _HEADER.match(line))]
        mine = [n for n, name in heads if name == step["name"]]
        number = int(step["number"] or 1)
        if number > len(mine):
            return -1, 0
        start = mine[number - 1]
        end = next((n for n, _ in heads if n > start), len(lines))
        return start, end


def read_policy_file(path: Path) -> PolicyFile:
    """Read a policy file.

    Parameters
    ----------
    path : Path
        A file in TOML.

    Returns
    -------
    PolicyFile
        Its tables, not looked at any further.

    Raises
    ------
    NotFound
        If there is no such file.
    Invalid
        If it is not TOML; with the line.
    """
    if not path.is_file():
        raise NotFound(kind="policy file", id=str(path))
    raw = path.read_bytes()
    if len(raw) > _MOST_BYTES:
        raise Invalid(field=str(path), why=f"{len(raw)} bytes are too many for a policy")
    try:
        text = raw.decode("utf-8-sig")
        tables = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise Invalid(
            field=f"{path}:{line}", why="is not text in UTF-8; save it as that"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise Invalid(field=str(path), why=f"is not TOML: {error}") from error
    return PolicyFile(path=path, text=text, tables=tables)
