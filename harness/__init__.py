"""A conformance harness for one numerical algorithm written in many languages."""
