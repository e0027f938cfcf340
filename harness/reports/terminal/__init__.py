"""What a run, a case and a comparison look like on a terminal."""
