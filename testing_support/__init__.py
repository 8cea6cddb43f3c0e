"""What tests and benchmarks of every distribution share: real databases, a real browser, free ports."""
