"""The example world of `bin/up --demo`: a lived-in company, told through the same verbs that people use."""
