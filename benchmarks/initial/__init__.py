"""A whole day planned from nothing, by the engine and by PyVRP."""
