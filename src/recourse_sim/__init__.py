"""A city to try the platform in: demand, couriers who cancel, roads, faults and a score.

The simulator is an outsider. It knows the platform's words, its roads, its settings and its front
door, and the platform does not know it. This file knows only what the package is for.
"""
