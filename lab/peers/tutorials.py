"""The two tutorials' own drawing code, as it is usually written: the font is opened on every request."""

import random
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONTS = Path(__file__).resolve().parent.parent.parent / "crates/engine/fonts"
FRANKLIN = str(FONTS / "libre-franklin/libre-franklin-700.ttf")
KAVIVANAR = str(FONTS / "kavivanar/kavivanar-400.ttf")
SOURCE = "0123456789qwertyuiopasdfghjklzxcvbnmQWERTYUIOPASDFGHJKLZXCVBNM"


def colour():
    return random.randrange(256), random.randrange(256), random.randrange(256)


def newpage(dots=10_000):
    """Site one: 200×100, four characters, and then points in random colours."""
    image = Image.new(mode="RGB", size=(200, 100), color=colour())
    draw = ImageDraw.Draw(image, mode="RGB")
    font = ImageFont.truetype(FRANKLIN, 100)
    code = "".join(random.choice(SOURCE) for _ in range(4))
    for place, character in enumerate(code):
        draw.text(xy=(50 * place, 0), text=character, font=font, fill=colour())
    for _ in range(dots):
        draw.point(xy=(random.randrange(201), random.randrange(100)), fill=colour())
    return saved(image)


def member():
    """Site two: 60×30, five distinct characters in red on white."""
    image = Image.new("RGB", (60, 30), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype(KAVIVANAR, 16)
    text = "".join(random.sample("0123456789ABCDEF", 5))
    draw.text((5, 5), text, font=font, fill="red")
    return saved(image)


def saved(image):
    file = BytesIO()
    image.save(file, "png")
    return file.getvalue()
