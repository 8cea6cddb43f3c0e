"""Root of all tests: makes the shared fixtures known."""

pytest_plugins = ["testing_support.fixtures"]
