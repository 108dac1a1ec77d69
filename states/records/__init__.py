"""What is written down at each step, typed: fields declared once (design 4)."""
