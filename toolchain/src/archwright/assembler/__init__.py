"""From a checked assembly to what is deployed: resolve, invariants, lock, emit. Pure: values in, values out."""
