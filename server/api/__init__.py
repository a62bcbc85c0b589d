"""What machines call: kiosks first. Every answer is JSON of one shape, every error of another."""
