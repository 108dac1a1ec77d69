"""The documentation, and the code that writes the generated part of it: `python -m docs.generate`."""
