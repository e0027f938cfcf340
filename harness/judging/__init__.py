"""An expected result and an answer, turned into judgements."""
