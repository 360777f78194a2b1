"""The hands: each adapter implements one port to the world."""

__all__: list[str] = []
