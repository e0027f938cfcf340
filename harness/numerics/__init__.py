"""Exact and floating-point matrices: the oracle, error measures, the replay of pivots."""
