"""What follows a committed act: the ledger of runs, leases, health."""
