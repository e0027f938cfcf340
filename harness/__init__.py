"""A conformance harness for ports of one numerical algorithm in many languages."""
