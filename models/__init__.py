"""The nouns that every room shares. Importing this package loads nothing."""
