"""The files that `harness new` and `harness init` write."""
