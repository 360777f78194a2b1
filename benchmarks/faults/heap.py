"""This file knows how a process is made ready to be forked often: a fork shares what nobody writes.

A fork gets its own copy of every page it writes to. Most of what a young worker writes are holes:
room that was freed between things that are still in use, which the allocator gives out first. A
process that has no holes left gives its forks fresh pages, which cost half of a copied one.
"""

import ctypes
import gc
import sys

__all__ = ["settle"]

_SIZES = (*range(65_536, 4_096, -1_024), *range(4_096, 1_024, -128), *range(1_024, 16, -16))
"""Bytes asked for to fill holes, the large ones first; smaller ones than the last hold nothing."""


class _Heap(ctypes.Structure):
    """What the C library says of its heap, in bytes and pieces."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    )


def settle() -> int:
    """Put what is there out of the collector's reach, and leave no holes in the heap.

    Returns
    -------
    int
        Bytes of holes that were filled; 0 where the C library does not tell, as on macOS.
    """
    gc.collect()
    gc.freeze()
    library = ctypes.CDLL(None)
    if sys.platform != "linux" or not hasattr(library, "mallinfo2"):
        return 0
    library.mallinfo2.restype = _Heap
    library.malloc.restype = library.sbrk.restype = ctypes.c_void_p
    library.malloc.argtypes = [ctypes.c_size_t]
    library.sbrk.argtypes = [ctypes.c_ssize_t]
    found = library.mallinfo2()
    edge = library.sbrk(0) - found.keepcost
    for size in _SIZES:
        # Never given back: it lives as long as the process, and its forks.
        while (library.malloc(size) or edge) < edge:
            pass
    left = library.mallinfo2()
    filled: int = found.fordblks - found.keepcost - left.fordblks + left.keepcost
    return filled
