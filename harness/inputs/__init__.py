"""Readers of the files that people write: cases, manifests, findings and patches."""
