"""This file knows how a file of settings is read: TOML, nothing unknown in it, no secret in it.

A value may name what lies in the environment, ``${SMS_KEY}``, so that no secret lies in the file.
"""

import os
import re
import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from recourse.model.errors import Invalid, NotFound

__all__ = ["read_settings"]

T = TypeVar("T", bound=BaseModel)

_NAMED = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def read_settings(path: Path, kind: type[T], *, field: str) -> T:
    """Read a file of settings.

    Parameters
    ----------
    path : Path
        A file in TOML.
    kind : type
        What it must hold.
    field : str
        The setting that names the file, for whoever reads the refusal.

    Returns
    -------
    object
        What it says, with what it names in the environment.

    Raises
    ------
    NotFound
        If there is no such file.
    Invalid
        If anything is wrong with it, or it names what is not in the environment.
    """
    try:
        tables = tomllib.loads(path.read_text())
    except FileNotFoundError as error:
        raise NotFound(kind="file", id=str(path)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(field=field, why=f"{path}: {error}") from error
    try:
        return kind.model_validate(_filled_in(tables, field))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Invalid(field=field, why=f"{path}: {place}: {first['msg']}") from error


def _filled_in(value: object, field: str) -> object:
    """The tables with what they name in the environment."""
    if isinstance(value, str):
        return _NAMED.sub(lambda found: _from_environment(found[1], field), value)
    if isinstance(value, dict):
        return {name: _filled_in(item, field) for name, item in value.items()}
    if isinstance(value, list):
        return [_filled_in(item, field) for item in value]
    return value


def _from_environment(name: str, field: str) -> str:
    """What the environment has under a name."""
    if name not in os.environ:
        raise Invalid(field=field, why=f"{name} is not in the environment")
    return os.environ[name]
