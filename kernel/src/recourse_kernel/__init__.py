"""The compiled part of the re-matching engine. Its face is `recourse.planning.engine`."""

from recourse_kernel._kernel import Kernel, Params

__all__ = ["Kernel", "Params"]
