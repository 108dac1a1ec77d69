"""The steps from one shape of the database to the next, inside the package so that they are always there."""
