"""The demonstration: a court, its people and one working day. Knows every room; no room knows it."""
