"""What providers sent: layouts, landing, readers of every format, typed rows and quarantine."""
