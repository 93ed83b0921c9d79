"""Files read by other processes, each within a bound of time and of memory."""
