"""Plain frozen values, from the standard library alone: numbers, cases, checks, answers, ports."""
