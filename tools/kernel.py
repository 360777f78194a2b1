"""Build the compiled kernel of `kernel/`. This file knows compilers and where one comes from."""

import hashlib
import os
import shutil
import stat
import subprocess
import sys
import sysconfig
from pathlib import Path

__all__ = ["build_fuzz", "compilers", "content_hash", "has_headers", "zig_compilers"]

SOURCE = Path("kernel")
SUFFIXES = {".cpp", ".hpp", ".toml", ".txt", ".py", ".pyi"}
KNOWN = ("c++", "g++", "clang++")
FLAGS = "-std=c++20 -O1 -g -Wall -Wextra -Wpedantic -Wshadow -Werror -D_GLIBCXX_ASSERTIONS"
SANITIZERS = "-fsanitize=address,undefined -fno-sanitize-recover=all"


def content_hash(root: Path) -> str:
    """Hash what decides how the kernel comes out: its sources and the Python it is built for.

    Parameters
    ----------
    root : Path
        The checkout.

    Returns
    -------
    str
        SHA-256 in hexadecimal digits.
    """
    digest = hashlib.sha256(sys.version.encode())
    sources = [root / "lock" / "kernel.txt", *sorted((root / SOURCE).rglob("*"))]
    for path in sources:
        if path.is_file() and path.suffix in SUFFIXES:
            digest.update(path.relative_to(root).as_posix().encode() + b"\0")
            digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def has_headers() -> bool:
    """Whether this Python came with the headers an extension is compiled against."""
    return (Path(sysconfig.get_path("include")) / "Python.h").exists()


def compilers() -> dict[str, str] | None:
    """Environment variables for the compiler of the machine, or None where there is none."""
    if os.environ.get("CXX"):
        return {}
    found = next((path for name in KNOWN if (path := shutil.which(name))), None)
    return {"CXX": found} if found and shutil.which("ar") else None


def zig_compilers(folder: Path, python: Path) -> dict[str, str]:
    """Write small programs that stand for a compiler and call the one of the `ziglang` package.

    CMake wants each of its tools to be one program without arguments.

    Parameters
    ----------
    folder : Path
        Where to write them; made if need be.
    python : Path
        The Python that has the package.

    Returns
    -------
    dict of str to str
        Environment variables for the build.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("c++", "ar", "ranlib"):
        program = folder / f"zig-{name}"
        program.write_text(f'#!/bin/sh\nexec "{python}" -m ziglang {name} "$@"\n')
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    tools = f"-DCMAKE_AR={folder / 'zig-ar'} -DCMAKE_RANLIB={folder / 'zig-ranlib'}"
    return {"CXX": str(folder / "zig-c++"), "CMAKE_ARGS": tools}


def build_fuzz(root: Path, folder: Path) -> Path | None:
    """Compile the fuzz target with sanitizers, unless it is there already.

    Parameters
    ----------
    root : Path
        The checkout.
    folder : Path
        Where programs are kept.

    Returns
    -------
    Path or None
        The program; None on a machine without a compiler of its own, whose fetched one has no
        sanitizers.

    Raises
    ------
    subprocess.CalledProcessError
        If it does not compile; what the compiler said is on the terminal.
    """
    found = compilers()
    if found is None:
        return None
    program = folder / f"fuzz-{content_hash(root)[:16]}"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        compiler = found.get("CXX") or os.environ["CXX"]
        flags = [*FLAGS.split(), *SANITIZERS.split()]
        source = root / SOURCE / "fuzz" / "fuzz.cpp"
        subprocess.run([*compiler.split(), *flags, str(source), "-o", str(program)], check=True)
    return program
