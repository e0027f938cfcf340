"""Where a port runs: on this machine, or in containers."""
