"""What the world outside hears of runs: log lines, figures, messages."""
