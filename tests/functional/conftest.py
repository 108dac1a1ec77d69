"""Functional tests: the system as people and scripts meet it, by commands and pages, from outside.

Write one for a whole journey or for a promise of the public interface. They are few and slow.
"""
