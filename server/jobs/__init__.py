"""What the server does by itself: APScheduler only ticks, rows decide."""
