"""The kiosk's own page: on this machine only, served from memory, frames never stored."""
