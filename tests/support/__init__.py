"""Shared by test modules: programs right and faulty, results, ports, safeguards."""
