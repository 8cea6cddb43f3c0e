"""Joins the parts into one service: reads what was built, checks it, starts it, serves it."""
