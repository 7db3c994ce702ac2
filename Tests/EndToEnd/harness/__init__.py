"""How black-box tests see Steelyard: its processes, sockets, metrics and log."""
