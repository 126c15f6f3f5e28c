"""What things cost on this machine, side by side, as medians of several runs."""
