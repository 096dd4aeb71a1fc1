"""Pictures per second of the tutorials' Pillow code, in the form of `inkgate speed`.

style<TAB>WxH<TAB>pictures_per_second<TAB>bytes. Seconds of this process's own CPU time, after a warm-up, the median
of seven runs: the same whatever else the machine does.
"""

import statistics
import sys
import time

import tutorials


def speed(draw, seconds):
    measure(draw, 0.3)
    runs = [measure(draw, seconds / 7) for _ in range(7)]
    return statistics.median(rate for rate, _ in runs), statistics.mean(size for _, size in runs)


def measure(draw, seconds):
    drawn = size = 0
    begun = time.process_time()
    while (spent := time.process_time() - begun) < seconds:
        size += len(draw())
        drawn += 1
    return drawn / spent, size / drawn


if __name__ == "__main__":
    seconds = float(sys.argv[1])
    for name, size, draw in (
        ("newpage", "200x100", tutorials.newpage),
        ("member", "60x30", tutorials.member),
    ):
        rate, mean = speed(draw, seconds)
        print(name, size, f"{rate:.1f}", round(mean), sep="\t", flush=True)
