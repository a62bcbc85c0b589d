"""The face models: find, judge, align, encode, match. Nothing loads at import."""
