"""Fuzzing: tests of ports on random systems."""
