"""The conformance report: one HTML file."""
