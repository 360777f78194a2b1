"""Thousands of days on which one thing after the other goes wrong, with every rule on."""
