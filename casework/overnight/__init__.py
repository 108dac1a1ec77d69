"""The nightly look at every open case."""
