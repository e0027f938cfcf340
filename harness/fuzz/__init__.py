"""Ports on random systems."""
