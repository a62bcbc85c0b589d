"""The server's verbs by subject; ``server.cli`` puts them together."""
