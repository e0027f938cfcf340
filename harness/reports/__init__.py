"""What people read of a run. Each report is made from the results alone."""
