"""Enrollment: photographs become templates, if they are good, one person's, nobody else's, and consented to."""
