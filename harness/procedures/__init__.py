"""One module for each procedure: when it is asked, what it prints, its checks, its judgement."""
