"""Ports in containers: images, base images, containers, and a client of the engine."""
