"""Worker processes and executors; nothing astronomical."""
