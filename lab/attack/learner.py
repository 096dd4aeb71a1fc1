"""A small reader that is trained: what somebody can build who draws or collects pictures and knows their answers.

A convolutional trunk that sees edges of either polarity alike, two-dimensional positions, and one query for each glyph that
looks for its place. Answers are all that it learns from: it is not told where glyphs stand, nor which layout, ground or
face a picture has. One core.
"""

import copy
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

torch.set_num_threads(1)
BATCH = 32
PACE = 3e-3


class Learner(nn.Module):
    """Grey pictures (n × height × width, 0 to 255) to the weight of each symbol for each glyph (n × glyphs × symbols)."""

    def __init__(self, height, width, glyphs, symbols, wide=96):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 32, 4, 4), nn.BatchNorm2d(32), nn.ReLU(True))
        self.trunk = nn.Sequential(block(32, 48, 1), Residual(48), block(48, wide, 2), Residual(wide), Residual(wide))
        with torch.no_grad():
            _, _, down, across = self.trunk(self.stem(torch.zeros(2, 3, height, width))).shape
        self.places = nn.Parameter(positions(wide, down, across))
        self.queries = nn.Parameter(torch.randn(1, glyphs, wide) * 0.5)
        find = lambda: nn.TransformerDecoderLayer(wide, 4, 2 * wide, 0.0, batch_first=True, norm_first=True)
        self.find = nn.ModuleList([find(), find()])
        self.name = nn.Sequential(nn.LayerNorm(wide), nn.Linear(wide, symbols))
        self.to(memory_format=torch.channels_last)

    def forward(self, grey):
        seen = self.trunk(self.stem(senses(grey)))
        seen = (seen + self.places).flatten(2).transpose(1, 2)
        glyphs = self.queries.expand(len(seen), -1, -1)
        # So few queries are cheaper without the blocks that long texts are attended to in.
        with sdpa_kernel(SDPBackend.MATH):
            for find in self.find:
                glyphs = find(glyphs, seen)
        return self.name(glyphs)


def senses(grey):
    """What the trunk sees: the picture, and how steep it is across and down, whichever side is darker."""
    grey = (grey.float() / 127.5 - 1)[:, None]
    across = F.pad((grey[..., :, 2:] - grey[..., :, :-2]).abs(), (1, 1, 0, 0))
    down = F.pad((grey[..., 2:, :] - grey[..., :-2, :]).abs(), (0, 0, 1, 1))
    return torch.cat([grey, across, down], 1).contiguous(memory_format=torch.channels_last)


def block(come, go, stride):
    return nn.Sequential(nn.Conv2d(come, go, 3, stride, 1, bias=False), nn.BatchNorm2d(go), nn.ReLU(True))


class Residual(nn.Module):
    def __init__(self, wide):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(wide, wide, 3, 1, 1, bias=False), nn.BatchNorm2d(wide))

    def forward(self, x):
        return F.relu(x + self.body(x))


def positions(wide, down, across):
    """Sines of growing wavelength, half of them across and half down."""
    rates = torch.exp(torch.arange(wide // 4) * (-np.log(100.0) / (wide // 4)))
    y, x = torch.meshgrid(torch.arange(down), torch.arange(across), indexing="ij")
    waves = [turn(place[None] * rates[:, None, None]) for place in (x, y) for turn in (torch.sin, torch.cos)]
    return 0.5 * torch.cat(waves)[None]


class Course:
    """Training, measured in CPU seconds of this process. It can be stopped, examined and continued."""

    def __init__(self, pictures, answers, symbols, seed=0):
        torch.manual_seed(seed)
        self.chance = np.random.default_rng(seed)
        self.pictures, self.answers = pictures, answers
        self.learner = Learner(*pictures.shape[1:], answers.shape[1], symbols)
        self.mean = copy.deepcopy(self.learner)
        self.optimiser = torch.optim.AdamW(self.learner.parameters(), PACE, weight_decay=0.02)
        self.seconds, self.steps, self.queue = 0.0, 0, []

    def go_on(self, until):
        """Trains until so many CPU seconds have been spent in all."""
        begun = time.process_time() - self.seconds
        while self.seconds < until:
            self.step()
            self.seconds = time.process_time() - begun

    def step(self):
        if not self.queue:
            self.queue = list(torch.randperm(len(self.pictures)).split(BATCH))
        number = self.queue.pop()
        self.steps += 1
        for group in self.optimiser.param_groups:
            group["lr"] = PACE * min(1, self.steps / 50) / (1 + self.steps / 4000) ** 0.5
        with torch.autocast("cpu", dtype=torch.bfloat16):
            said = self.learner(varied(self.pictures[number], self.chance))
        loss = F.cross_entropy(said.float().flatten(0, 1), self.answers[number].flatten(), label_smoothing=0.02)
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.learner.parameters(), 1.0)
        self.optimiser.step()
        self.average()

    def average(self):
        """The mean of the last tenth of the steps, about: as good as a pace that slows down, at any time."""
        share = min(1.0, 10 / (self.steps + 1))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.mean.parameters()), list(self.learner.parameters()), share)

    def examined(self, pictures, answers):
        """The shares of whole answers and of characters that the mean learner reads right."""
        learner = self.mean
        learner.train()
        with torch.no_grad():
            # The norms have to see what the averaged weights make of pictures.
            for number in torch.randperm(len(self.pictures))[: 40 * BATCH].split(BATCH):
                learner(varied(self.pictures[number], self.chance))
            learner.eval()
            said = torch.cat([learner(part).argmax(2) for part in pictures.split(250)])
        right = said == answers
        return right.all(1).float().mean().item(), right.float().mean().item()


def varied(grey, chance):
    """Moved by a few pixels; half of them inverted."""
    across, down = chance.integers(-3, 4, 2)
    grey = torch.roll(grey, (int(down), int(across)), (1, 2))
    turned = torch.from_numpy(chance.random(len(grey)) < 0.5)[:, None, None]
    return torch.where(turned, 255 - grey, grey)
