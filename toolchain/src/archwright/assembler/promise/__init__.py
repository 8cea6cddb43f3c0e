"""The contract that a service has to fulfil: an OpenAPI document that somebody else may have written.

A foreign document is hostile until shown otherwise: every accessor takes any value, references stay within the
document, and whatever could run long is counted.
"""
