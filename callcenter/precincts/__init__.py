"""Which precinct a place lies in, and which officer answers for it at this minute."""
