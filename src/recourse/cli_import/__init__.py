"""A user's own orders, couriers and sites, taken from tables."""

from recourse.cli_import.check import Files
from recourse.cli_import.command import import_command
from recourse.cli_import.take import Count, Refused, import_tables

__all__ = ["Count", "Files", "Refused", "import_command", "import_tables"]
