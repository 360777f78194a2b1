"""The versions of the schema and how one becomes the next."""
