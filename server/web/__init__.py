"""What people see: sign-in, today's board, the day's report."""
