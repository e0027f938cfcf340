"""The engines, which build and run ports: on this machine, or in containers."""
