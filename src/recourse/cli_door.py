"""What the commands that ask a platform which serves have in common.

This file knows the options by which they find its door, and how an answer is printed for programs.
"""

import json
from typing import Annotated

import typer

__all__ = ["LOCAL", "AsJson", "Key", "Url", "print_json"]

LOCAL = "http://127.0.0.1:8000"
"""Where a platform serves if nobody says otherwise."""

Url = Annotated[str, typer.Option(envvar="RECOURSE_URL", help="Where the platform serves.")]
Key = Annotated[str, typer.Option(envvar="RECOURSE_KEY", help="Key of its door, where it has one.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for other programs.")]


def print_json(data: object) -> None:
    """Print an answer as it came, to be read by a program.

    Parameters
    ----------
    data : object
        What the platform answered.
    """
    typer.echo(json.dumps(data, ensure_ascii=False, indent=1))
