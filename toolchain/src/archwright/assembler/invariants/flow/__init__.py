"""How labelled values travel through an assembly; what `information_flow` is proved with."""
