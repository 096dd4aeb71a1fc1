"""Makes slow.otf: a face whose one glyph calls subroutines that call subroutines, without end in sight.

usage: python3 slow.py      with `pip install fonttools`
"""
from fontTools.cffLib import SubrsIndex
from fontTools.fontBuilder import FontBuilder
from fontTools.misc.psCharStrings import T2CharString

# What the number of a subroutine is written less (Adobe Technical Note 5177, section 2.3).
BIAS = 107
LEVELS = 9
CALLS = 120

calls = [[level + 1 - BIAS, "callsubr"] * CALLS + ["return"] for level in range(LEVELS)]
subroutines = SubrsIndex()
square = [500, 100, 100, "rmoveto", 500, "hlineto", 500, "vlineto", -500, "hlineto"]
glyphs = {
    ".notdef": T2CharString(program=[500, "endchar"]),
    "a": T2CharString(program=[*square, -BIAS, "callsubr", "endchar"]),
}

face = FontBuilder(1000, isTTF=False)
# Boxes would be found by running the glyphs.
face.font.recalcBBoxes = False
face.setupGlyphOrder(list(glyphs))
face.setupCharacterMap({symbol: "a" for symbol in range(0x21, 0x7F)})
face.setupCFF("Slow", {}, glyphs, {})
cff = face.font["CFF "].cff
private = cff.topDictIndex[0].Private
for program in [*calls, ["return"]]:
    subroutine = T2CharString(program=program)
    subroutine.private, subroutine.globalSubrs = private, cff.GlobalSubrs
    subroutines.append(subroutine)
private.Subrs = subroutines
face.setupHorizontalMetrics({name: (600, 0) for name in glyphs})
face.setupHorizontalHeader(ascent=800, descent=-200)
face.setupNameTable({"familyName": "Slow", "styleName": "Regular"})
face.setupOS2()
face.setupPost()
face.save("slow.otf")
