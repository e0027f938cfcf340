"""Measurements of how fast the harness runs and judges ports."""
