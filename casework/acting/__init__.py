"""An act, from what is asked to the rows it leaves: loading, judging, filing, writing, correcting."""
