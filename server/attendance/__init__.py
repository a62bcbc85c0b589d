"""The rules of attendance: pure values in, values out. No database, no web, no clock, no files.

``points`` says what is expected, ``calendar`` on which days, ``matching`` which clock event meets which clock point,
``judging`` what follows (its outcome is a ``verdicts.WorkdayVerdict``), ``explaining`` why, in words.
"""
