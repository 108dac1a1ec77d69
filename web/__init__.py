"""The pages: social workers act, decision-makers decide, managers watch. They hold no rules of their own."""
