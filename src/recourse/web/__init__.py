"""THE DOORS: HTTP and the live stream; one unit of work a request, one shape for every refusal."""

from recourse.web.application import make_app
from recourse.web.problems import PROBLEMS

__all__ = ["PROBLEMS", "make_app"]
