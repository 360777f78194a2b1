"""THE WORDS: frozen values, state tables, events, errors, and every port to the world.

Import a word from the file that knows it: ``from recourse.model.orders import Order``.
"""

__all__: list[str] = []
