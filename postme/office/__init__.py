"""The work: the only place with a clock and a plan."""
