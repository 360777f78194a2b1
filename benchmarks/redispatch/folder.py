"""Which scenarios a folder of data holds.

Instances lie anywhere in it; `scenarios.json` names scenarios, if there is one. Where files are
named by a pattern, or nothing is listed, one and three couriers are lost of every instance, and
three with parcels on board.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from benchmarks.redispatch.plans import Plans, instance, plan_hash
from benchmarks.redispatch.scenario import HANDOVER, SERVICE, Scenario, Wish, broken_down
from recourse.model.errors import Invalid

__all__ = ["Folder", "known_faults"]

KNOWN = Path(__file__).with_name("known_scenarios.json")
LIST = "scenarios.json"
EVERY = ((SERVICE, 3), (SERVICE, 1), (HANDOVER, 3))

Asked = list[tuple[Path, Wish]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder of instances, with their plans.

    Attributes
    ----------
    data : Path
        The folder.
    plans : Plans
        Where the plans are.
    """

    data: Path
    plans: Plans

    def scenarios(self, pattern: str | None) -> list[Scenario]:
        """All scenarios, in variant A and then B.

        Parameters
        ----------
        pattern : str or None
            Which files; None for those that `scenarios.json` names, or all.

        Returns
        -------
        list of Scenario
            In the order of the list, or of the files.

        Raises
        ------
        Invalid
            If there is none, or one that is listed cannot be made.
        """
        listed = self._listed() if pattern is None else None
        found = []
        for path, wish in self._every(pattern) if listed is None else listed:
            try:
                found.append(broken_down(instance(path), self.plans.read(path), wish))
            except ValueError as error:
                if listed is not None:
                    raise Invalid(field=f"{LIST}, {path.stem}", why=str(error)) from error
                print(f"left out: {error}")
        if not found:
            raise Invalid(field="--instances", why=f"no scenario of {self.data} fits {pattern!r}")
        return found

    def make_plans(self, pattern: str | None) -> int:
        """Make every plan that is missing.

        Parameters
        ----------
        pattern : str or None
            As of `scenarios`.

        Returns
        -------
        int
            How many were made.
        """
        listed = self._listed() if pattern is None else None
        paths = {path for path, _ in (self._every(pattern) if listed is None else listed)}
        missing = [path for path in sorted(paths) if not self.plans.file(path).exists()]
        for path in missing:
            self.plans.make(path)
        return len(missing)

    def _files(self) -> list[Path]:
        """Everything that may be an instance."""
        return sorted(p for p in self.data.rglob("*") if p.suffix.lower() == ".txt" and p.is_file())

    def _listed(self) -> Asked | None:
        """What `scenarios.json` names, if there is one: lists of a name and a number each."""
        file = self.data / LIST
        if not file.exists():
            return None
        listed = json.loads(file.read_text())
        by_name = {path.stem.upper(): path for path in self._files()}
        found: Asked = []
        for kind, pairs in listed.items():
            for name, n_broken in pairs if isinstance(pairs, list) else ():
                if name.upper() not in by_name:
                    raise Invalid(field=f"{LIST}, {kind}", why=f"there is no file {name}.txt")
                wish = Wish(
                    n_broken=n_broken,
                    variant=HANDOVER if kind.startswith("handover") else SERVICE,
                    seed=listed.get("seed", 1),
                    clock_share=listed.get("tfrac", 0.4),
                )
                found.append((by_name[name.upper()], wish))
        return sorted(found, key=lambda asked: asked[1].variant)

    def _every(self, pattern: str | None) -> Asked:
        """The usual scenarios of every file that fits, by its path in the folder or its name."""
        wanted = (pattern or "*").lower()
        paths = []
        for path in self._files():
            names = (path.relative_to(self.data).as_posix(), path.name, path.stem)
            if not any(fnmatch(name.lower(), wanted) for name in names):
                continue
            try:
                if not instance(path).has_pairs:
                    paths.append(path)
                    continue
                print(f"left out: {path.name} has pickups and deliveries of its own")
            except Invalid as error:
                if pattern:
                    raise
                print(f"left out: {error}")
        return [(path, Wish(n_broken=n, variant=kind)) for kind, n in EVERY for path in paths]


def known_faults(scenarios: Sequence[Scenario], costs: dict[str, int]) -> list[str]:
    """Scenarios of a published name and plan that came out otherwise than published.

    Parameters
    ----------
    scenarios : sequence of Scenario
        Those at hand.
    costs : dict of str to int
        Cost of doing nothing, by scenario.

    Returns
    -------
    list of str
        What differs; empty when all published ones at hand agree.
    """
    known = json.loads(KNOWN.read_text())
    found = []
    for scenario in scenarios:
        was = known.get(scenario.id)
        now = {
            "plan": plan_hash(scenario.running),
            "n_orphans": scenario.n_orphans,
            "do_nothing_cost": costs[scenario.id],
            "digest": scenario.digest(),
        }
        if was and was["plan"] == now["plan"] and was != now:
            found.append(f"{scenario.id}: {was} was published, {now} came out")
    return found
