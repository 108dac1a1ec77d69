"""What managers and operators look at: where every child is, how work flows, what ran. Reading only.

Every figure is over the children whom the asker may open (reliability R22), and comes from a handful of questions to
the database, however many children there are.
"""
