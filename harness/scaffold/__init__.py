"""What `harness new` and `harness init` write."""
