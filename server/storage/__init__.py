"""Tables, types, repositories, unit of work, migrations. Knows no rule and no page."""
