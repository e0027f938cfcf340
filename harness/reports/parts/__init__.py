"""Values that several reports show."""
