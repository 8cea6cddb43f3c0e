"""Measures assembled services and the toolchain, beside what people would write by hand."""
