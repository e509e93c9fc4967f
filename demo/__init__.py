"""Show the program at work without a network: three simulated weeks on a built-in sample internet."""
