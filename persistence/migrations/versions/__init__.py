"""One file per step; `persistence.schema.HISTORY` names them in order."""
