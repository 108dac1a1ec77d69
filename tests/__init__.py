"""The tests. What belongs in which folder stands at the top of that folder's conftest.py."""
