"""A test of a driver, step by step."""
