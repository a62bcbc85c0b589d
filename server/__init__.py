"""The program in the court's computer room: it stores, judges, reports and answers."""
