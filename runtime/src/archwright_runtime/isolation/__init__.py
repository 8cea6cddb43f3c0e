"""Runs functions and programs on hostile bytes apart from the service."""
