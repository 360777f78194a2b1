"""A day can be laid onto any city: one imported before, a file, or one made up."""

import os
from pathlib import Path

import pytest

from recourse.model.errors import NotFound
from recourse_sim.cities import load_or_generate

HAMLET = """\
n1 v1 x8.000 y47.000
n2 v1 x8.002 y47.000
n3 v1 x8.004 y47.000 Tamenity=restaurant,name=Adler,addr:street=Dorfweg,addr:housenumber=7
w1 v1 Thighway=residential,name=Dorfweg Nn1,n2,n3
"""


def test_a_file_is_imported_once_and_again_when_it_is_newer(tmp_path: Path) -> None:
    file, data_dir = tmp_path / "my hamlet.osm.opl", tmp_path / "var"
    file.write_text(HAMLET, encoding="utf-8")
    told: list[str] = []
    for _ in range(2):
        city = load_or_generate(data_dir, str(file), tell=told.append)
        assert (city.name, city.generated) == ("my-hamlet", False)
    assert len(told) == 1
    assert load_or_generate(data_dir, "my-hamlet", tell=told.append).network.n_nodes == 2
    made_s = (data_dir / "cities" / "my-hamlet" / "city.json").stat().st_mtime
    os.utime(file, (made_s + 60, made_s + 60))
    load_or_generate(data_dir, str(file), tell=told.append)
    assert len(told) == 2


def test_a_file_that_is_not_there_is_no_city(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        load_or_generate(tmp_path, "nowhere.osm.pbf")
