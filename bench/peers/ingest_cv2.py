#!/usr/bin/python3
"""Decode and resize with OpenCV in two processes, as the tutorial's data.py would on two cores.

    /usr/bin/python3 bench/peers/ingest_cv2.py FOLDER [--size 64x80] [--processes 2] [--rounds 5]

Prints one JSON object a round: files, seconds, filesPerSecond. With --rounds 0 it does one round
for each line on stdin, so that another program can take turns with it. The processes are started
before the clock; the pixels come back to the parent, as they must to be trained on.
Needs Debian's python3-opencv.
"""
import argparse
import glob
import json
import multiprocessing
import os
import sys
import time

import cv2
import numpy


def parse():
    p = argparse.ArgumentParser()
    p.add_argument("folder")
    p.add_argument("--size", default="64x80")
    p.add_argument("--processes", type=int, default=2)
    p.add_argument("--rounds", type=int, default=5)
    return p.parse_args()


def start(size):
    global height, width
    height, width = size
    cv2.setNumThreads(1)


def take_in(path):
    image = cv2.imread(path, cv2.IMREAD_GRAYSCALE)
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)


def one_round(pool, paths, size):
    started = time.perf_counter()
    pixels = numpy.empty((len(paths), *size), numpy.uint8)
    for index, image in enumerate(pool.imap(take_in, paths, chunksize=8)):
        pixels[index] = image
    seconds = time.perf_counter() - started
    figures = {"files": len(paths), "seconds": seconds, "filesPerSecond": len(paths) / seconds}
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    args = parse()
    size = tuple(int(part) for part in args.size.split("x"))
    paths = sorted(glob.glob(os.path.join(args.folder, "**", "*.tif"), recursive=True))
    with multiprocessing.Pool(args.processes, start, (size,)) as pool:
        pool.map(len, [[]] * args.processes)
        rounds = sys.stdin if args.rounds == 0 else range(args.rounds)
        for _ in rounds:
            one_round(pool, paths, size)
