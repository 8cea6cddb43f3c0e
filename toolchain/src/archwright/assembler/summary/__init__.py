"""A page about a service for the people who answer for it: self-contained, without scripts, readable on paper."""
