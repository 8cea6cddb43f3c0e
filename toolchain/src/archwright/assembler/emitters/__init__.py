"""What an emission consists of: one emitter per file here, registered in ``registered`` as a plugin would be."""
