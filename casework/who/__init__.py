"""Who works here, what they may see and do, and who has looked."""
