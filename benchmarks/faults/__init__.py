"""Faults: workers, and the database, killed wherever it could hurt."""
