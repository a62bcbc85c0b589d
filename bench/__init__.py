"""What is claimed in figures is measured here, beside a peer, in one run."""
