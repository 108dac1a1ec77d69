"""Invented names for the county: nobody's."""

from __future__ import annotations

_GIVEN = """
Acorn Alba Amber Arlo Aspen Birdie Bramble Briar Cedar Clover Coral Corin Dell Dune Echo Elm Ember Fable
Fallow Fen Finch Flint Gale Glen Haven Hazel Heath Heron Indigo Isle Ivo Jasper Jay Juniper Kelp Kestrel Lark
Leaf Linnet Lupin Mabel Marlow Merlin Moss Nettle Oakley Olive Orla Osprey Pearl Petal Piper Quill Rain Reed
River Robin Rowe Rush Sage Sedge Skye Sorrel Star Swift Tansy Teal Thorn Thyme Tully Vesper Wilde Willow Wren
Yarrow Zephyr
"""
_FAMILY_STARTS = """
Apple Bracken Cobble Dusk Ember Fox Green Hollow Iron Kettle Lamb Marsh Nether Over Penny Quarry
"""
_FAMILY_ENDS = """
thwaite bury wick field ley holme gale mere stead combe worth by croft dale
"""
_FIRST = """
Ada Alec Amos Anya Arda Bea Beck Bram Cato Cleo Cora Dara Dov Edda Eli Ewan Fay Finn Gil Greta Hal Hedy Ida
Ike Ines Ira Joss Juno Kaia Kit Lena Lev Lila Linus Mae Mali Mina Nan Ned Nia Noa Odo Orin Otto Pia Posy Rae
Rafe Rhea Roz Sam Sia Tao Tess Uri Ursa Vera Vic Wim Xan Yara Zia
"""
_LAST = """
Alder Barrow Cairns Dunlin Elder Farrier Gorse Hythe Inkpen Jessop Kyte Larch Mercer Napier Orchard Pike
Quince Rudd Sorrell Thatcher Umber Vane Wharf Yarrow
"""

GIVEN = tuple(_GIVEN.split())
FAMILY_STARTS = tuple(_FAMILY_STARTS.split())
FAMILY_ENDS = tuple(_FAMILY_ENDS.split())
FIRST = tuple(_FIRST.split())
LAST = tuple(_LAST.split())
