"""Implementations of ``registry.store.Store``, one technology each."""
