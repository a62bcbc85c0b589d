"""The kiosk's eye: sources of pictures, and a reader that always holds the newest one. Nothing loads at import."""
