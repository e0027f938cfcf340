"""How fast ports are asked and judged."""
