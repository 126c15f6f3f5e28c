"""What a model of effects has learnt, and how far to believe it."""
