"""THE FLOW: what happens when, from an order to what was learned of it.

Load, decide, record: a file per stage, named for it, and `recourse.flow.hears` with the table of
who hears what. This file knows no name of its own; import a stage from the file that knows it.
"""

__all__: list[str] = []
