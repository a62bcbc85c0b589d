"""The rules of attendance: pure values in, values out. No database, no web, no clock.

``rule_documents`` reads what a court wrote into ``rules``; ``calendar`` and ``rosters`` say what is expected of whom
on which day, ``day_plans`` when; ``matching`` which clock event meets which clock point, ``overlays`` what people
approved, ``judging`` what follows (its outcome is a ``verdicts.WorkdayVerdict``), ``explaining`` why, in words.
"""
