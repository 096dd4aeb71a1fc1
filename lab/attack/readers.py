"""Readers: solvers as they are shipped, behind one call. No reader downloads anything when it runs.

A reader has `read(parts)`: the text of each part and how sure it is of it (a logarithm, 0 where
it does not say). Names ending in `_m` choose only among
the symbols of the style's alphabet; those ending in `_k` also know how many glyphs a part shows and look for the
likeliest reading of exactly so many.
"""

import importlib.util
import io
import os
import string
import subprocess
import tempfile

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_THREAD_LIMIT", "1")

import numpy as np
from PIL import Image, ImageOps

LETTERS_AND_DIGITS = string.digits + string.ascii_letters


def reader(name, alphabet):
    """The reader of that name. Raises ImportError or OSError where its package or program is missing."""
    engine, _, knowledge = name.partition("_")
    if engine.startswith("tess"):
        return Tesseract(int(engine[4:]), alphabet)
    if engine == "vk":
        return Vk()
    if engine == "capsnap":
        return Capsnap()
    network = {"dddd": lambda: Dddd("common_old.onnx"), "beta": lambda: Dddd("common.onnx"), "whisperer": Whisperer}
    return Frames(network[engine](), alphabet if knowledge else None, exact=knowledge == "k")


class Frames:
    """Reads with a network that gives each symbol's weight, frame by frame (CTC)."""

    def __init__(self, network, alphabet, exact):
        self.network, self.exact = network, exact
        known = {symbol for letter in alphabet or "" for symbol in (letter.lower(), letter.upper())}
        chosen = [i for i, symbol in enumerate(network.symbols) if alphabet is None or symbol in known]
        self.columns = np.array([network.blank] + [i for i in chosen if i != network.blank])
        self.symbols = [""] + [network.symbols[i] for i in self.columns[1:]]

    def read(self, parts):
        return [self.read_one(part) for part in parts]

    def read_one(self, part):
        weights = self.network.frames(part.image)[:, self.columns]
        logs = weights - log_sum(weights)
        if self.exact and part.glyphs:
            path, score = exactly(logs, part.glyphs)
        else:
            path = collapsed(logs.argmax(1))
            score = logs.max(1).sum()
        return "".join(self.symbols[i] for i in path), float(score) / len(logs)


def log_sum(weights):
    top = weights.max(1, keepdims=True)
    return top + np.log(np.exp(weights - top).sum(1, keepdims=True))


def collapsed(path):
    """CTC: repeats are one, and blanks (0) are nothing."""
    before = np.r_[0, path[:-1]]
    return [int(i) for i in path[(path != before) & (path != 0)]]


def exactly(logs, count):
    """The likeliest path that says exactly `count` symbols, and its logarithm (Viterbi).

    State 2k is "k symbols said, now a blank", state (2k - 1, s) is "saying s, the k-th".
    """
    frames, width = logs.shape
    blank = np.full(count + 1, -np.inf)
    said = np.full((count + 1, width), -np.inf)
    blank[0] = 0.0
    steps = []
    for row in logs:
        best, which = said.max(1), said.argmax(1)
        # A symbol begins after a blank, or after another symbol than itself.
        other = np.where(np.arange(width)[None, :] == which[:, None], second(said)[:, None], best[:, None])
        begin = np.full((count + 1, width), -np.inf)
        begin[1:] = np.maximum(blank[:-1, None], other[:-1])
        from_blank = np.zeros((count + 1, width), bool)
        from_blank[1:] = blank[:-1, None] >= other[:-1]
        stay = said >= begin
        to_blank = best > blank
        steps.append((which, from_blank, stay, to_blank, said))
        said = np.maximum(said, begin) + row[None, :]
        said[:, 0] = -np.inf
        blank = np.maximum(blank, best) + row[0]
    score = max(blank[count], said[count].max())
    if not np.isfinite(score):
        return [], -np.inf
    symbol = None if blank[count] >= said[count].max() else int(said[count].argmax())
    k, path = count, []
    for which, from_blank, stay, to_blank, before in reversed(steps):
        if symbol is None:
            symbol = int(which[k]) if to_blank[k] else None
        elif not stay[k, symbol]:
            path.append(symbol)
            k -= 1
            if from_blank[k + 1, symbol]:
                symbol = None
            else:
                row = before[k].copy()
                row[symbol] = -np.inf
                symbol = int(row.argmax())
    return path[::-1], score


def second(rows):
    """The second largest of each row."""
    return np.partition(rows, -2, axis=1)[:, -2]


class Dddd:
    """ddddocr's recognition networks."""

    blank = 0

    def __init__(self, file):
        import ddddocr

        whole = ddddocr.DdddOcr(beta=file == "common.onnx", show_ad=False)
        engine = next(value for value in vars(whole).values() if hasattr(value, "charset_manager"))
        self.symbols = engine.charset_manager.get_charset()
        self.session = session(os.path.join(folder("ddddocr"), file))
        self.name = self.session.get_inputs()[0].name

    def frames(self, image):
        width = max(8, round(image.width * 64 / image.height))
        grey = np.asarray(image.resize((width, 64), Image.LANCZOS).convert("L"), np.float32) / 255
        return self.session.run(None, {self.name: grey[None, None]})[0][:, 0]


class Whisperer:
    """captcha-whisperer's network."""

    def __init__(self):
        from captcha_whisperer import BLANK_INDEX, LABELS, CaptchaRecognizer, preprocess

        self.symbols, self.blank, self.preprocess = LABELS, BLANK_INDEX, preprocess
        self.recogniser = CaptchaRecognizer(threads=1)

    def frames(self, image):
        tensor = self.preprocess.preprocess_bytes(as_png(image))
        return self.recogniser._session.run(None, {self.recogniser._input_name: tensor})[0][:-1, 0]


class Vk:
    def __init__(self):
        self.first, self.last = (
            session(os.path.join(folder("vk_captchasolver"), file)) for file in ("captcha_model.onnx", "ctc_model.onnx")
        )

    def read(self, parts):
        return [(self.read_one(part.image), 0.0) for part in parts]

    def read_one(self, image):
        pixels = np.asarray(image.resize((128, 64))).reshape(1, 1, -1) / np.float32(255)
        out = self.first.run(None, {given.name: pixels[i] for i, given in enumerate(self.first.get_inputs())})
        out = self.last.run(None, {given.name: np.float32(out[i]) for i, given in enumerate(self.last.get_inputs())})
        return "".join(" 24578acdehkmnpqsuvxyz"[code] for code in np.uint8(out[-1][out[0] > 0]))


class Capsnap:
    def __init__(self):
        from capsnap import OCR

        self.ocr = OCR(mode="captcha")

    def read(self, parts):
        return [self.read_one(part.image) for part in parts]

    def read_one(self, image):
        result = self.ocr.read_bytes(as_png(image))
        return result.text, float(np.log(max(1e-9, result.confidence)))


class Tesseract:
    """Debian's tesseract, told the alphabet; many pictures a call."""

    def __init__(self, segmentation, alphabet):
        subprocess.run(["tesseract", "--version"], check=True, capture_output=True)
        self.segmentation, self.alphabet = segmentation, alphabet or LETTERS_AND_DIGITS

    def read(self, parts):
        with tempfile.TemporaryDirectory() as place:
            files = [f"{place}/{number:05}.png" for number in range(len(parts))]
            for file, part in zip(files, parts):
                framed(part.image).save(file)
            with open(f"{place}/list.txt", "w") as names:
                names.write("\n".join(files) + "\n")
            command = ["tesseract", f"{place}/list.txt", "-", "--psm", str(self.segmentation)]
            command += ["-c", f"tessedit_char_whitelist={self.alphabet}", "-c", "page_separator=\f"]
            texts = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\f")
        # One page a picture, so that no text can slip to another picture.
        if len(texts) != len(parts):
            raise OSError(f"tesseract read {len(texts)} of {len(parts)} pictures")
        return [(text, 0.0) for text in texts]


def framed(image):
    """As large as tesseract likes it, with a border of the picture's own colour."""
    times = max(1, round(120 / image.height))
    grey = image.resize((image.width * times, image.height * times), Image.LANCZOS).convert("L")
    return ImageOps.expand(grey, 20, int(np.median(np.asarray(grey)[0])))


def session(path):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def folder(package):
    found = importlib.util.find_spec(package)
    if found is None:
        raise ImportError(f"no package {package}")
    return os.path.dirname(found.origin) if found.origin else list(found.submodule_search_locations)[0]


def as_png(image):
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
