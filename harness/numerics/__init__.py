"""Exact and floating-point matrices: the oracle, error measures, row spaces and pivot replay."""
