"""What the black-box tests see of Steelyard: its processes, its sockets, its metrics and its log."""
