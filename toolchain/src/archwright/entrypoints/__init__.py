"""Where people and programs come in: each translates and prints, none decides."""
