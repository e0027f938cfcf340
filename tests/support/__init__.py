"""What several test modules share: programs right and faulty, results, safeguards."""
