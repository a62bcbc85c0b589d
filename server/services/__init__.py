"""What the server does for people, kiosks and jobs; one business subject a file."""
