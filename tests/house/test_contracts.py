"""The import contracts know every package there is."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = sorted(path.parent.name for path in (ROOT / "src" / "recourse").glob("*/__init__.py"))
CONTRACTS: dict[str, dict[str, Any]] = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
}
LAYERS = [re.findall(r"\w+", layer) for layer in CONTRACTS["floors"]["layers"]]
DECIDING_FLOORS = {name for layer in LAYERS[-3:] for name in layer}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_has_its_floor(package: str) -> None:
    assert sum(layer.count(package) for layer in LAYERS) == 1


def test_every_decider_is_held_to_purity() -> None:
    deciders = {f"recourse.{name}" for name in PACKAGES if name in DECIDING_FLOORS}
    assert deciders == set(CONTRACTS["pure"]["source_modules"])


@pytest.mark.parametrize("contract", ["adapters", "doors", "no-peeking"])
def test_a_contract_about_the_business_names_all_of_it(contract: str) -> None:
    business = {f"recourse.{name}" for name in PACKAGES if name in DECIDING_FLOORS}
    open_to_all = {"recourse.model", "recourse.roads"}
    open_to_adapters = {"recourse.durable"} if contract == "adapters" else set()
    unnamed = (
        business - open_to_all - open_to_adapters - set(CONTRACTS[contract]["forbidden_modules"])
    )
    assert unnamed == set()
