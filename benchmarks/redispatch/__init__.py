"""The disruption benchmark: couriers of a running plan drop out, and everybody repairs it."""

__all__: list[str] = []
