#!/usr/bin/env python3
"""The same network, batch, loss and optimizer in PyTorch, on the CPU (Debian's python3-torch, and
libopenblas0: without it its transposed convolutions go through a reference BLAS at half the speed)
or on a CUDA device.

    /usr/bin/python3 bench/peers/torch_unet.py [--mode train|predict] [--bf16] [--channels-last]
        [--batch 32] [--size 64x80] [--steps 5] [--threads N] [--all] [--json]
        [--device cpu|cuda] [--tf32]

float32 on CUDA means float32: TF32, which rounds to 10 bits, only with --tf32.
--all runs NCHW and channels_last, each with and without jemalloc, and reports the best.
"""
import argparse
import glob
import json
import os
import resource
import subprocess
import sys
import time


def parse():
    p = argparse.ArgumentParser()
    p.add_argument("--mode", choices=["train", "predict"], default="train")
    p.add_argument("--bf16", action="store_true")
    p.add_argument("--channels-last", action="store_true")
    p.add_argument("--batch", type=int, default=32)
    p.add_argument("--size", default="64x80")
    p.add_argument("--steps", type=int, default=5)
    p.add_argument("--threads", type=int)
    p.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    p.add_argument("--tf32", action="store_true")
    p.add_argument("--all", action="store_true")
    p.add_argument("--json", action="store_true")
    return p.parse_args()


def run_all(args):
    jemalloc = sorted(glob.glob("/usr/lib/*/libjemalloc.so.2"))
    results = []
    for channels_last in (False, True):
        for preload in [None, *jemalloc[:1]]:
            command = [sys.executable, __file__, "--json", "--mode", args.mode]
            command += ["--batch", str(args.batch), "--size", args.size]
            command += ["--steps", str(args.steps)]
            command += ["--bf16"] if args.bf16 else []
            command += ["--channels-last"] if channels_last else []
            command += ["--threads", str(args.threads)] if args.threads else []
            env = dict(os.environ)
            if preload:
                env["LD_PRELOAD"] = preload
            out = subprocess.run(command, env=env, check=True, capture_output=True, text=True)
            result = json.loads(out.stdout)
            result["allocator"] = "jemalloc" if preload else "malloc"
            results.append(result)
    best = max(results, key=lambda r: r["imagesPerSecond"]["median"])
    return {**best, "tried": results} if args.json else best


def run(args):
    import torch
    from torch import nn

    # Its own default counts physical cores, which costs it a sixth where two threads share one.
    torch.set_num_threads(args.threads or len(os.sched_getaffinity(0)))
    torch.manual_seed(1)
    device = torch.device(args.device)
    # cuDNN's own default is TF32.
    torch.backends.cudnn.allow_tf32 = args.tf32
    torch.backends.cuda.matmul.allow_tf32 = args.tf32
    torch.backends.cudnn.benchmark = True

    def block(inputs, outputs):
        return nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(outputs, outputs, 3, padding=1),
            nn.ReLU(inplace=True),
        )

    class Unet(nn.Module):
        def __init__(self):
            super().__init__()
            widths = [32, 64, 128, 256, 512]
            self.down = nn.ModuleList(
                block(1 if i == 0 else widths[i - 1], w) for i, w in enumerate(widths)
            )
            self.up = nn.ModuleList(
                nn.ConvTranspose2d(widths[i + 1], widths[i], 2, stride=2) for i in range(4)
            )
            self.join = nn.ModuleList(block(2 * widths[i], widths[i]) for i in range(4))
            self.pool = nn.MaxPool2d(2)
            self.head = nn.Conv2d(widths[0], 1, 1)

        def forward(self, x):
            skips = []
            for i in range(4):
                x = self.down[i](x)
                skips.append(x)
                x = self.pool(x)
            x = self.down[4](x)
            for i in reversed(range(4)):
                x = self.join[i](torch.cat([self.up[i](x), skips[i]], 1))
            return torch.sigmoid(self.head(x))

    model = Unet().to(device)
    height, width = map(int, args.size.split("x"))
    x = torch.randn(args.batch, 1, height, width).to(device)
    y = (torch.rand(args.batch, 1, height, width) > 0.9).float().to(device)
    if args.channels_last:
        model = model.to(memory_format=torch.channels_last)
        x = x.to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)

    def autocast():
        return torch.autocast(args.device, dtype=torch.bfloat16, enabled=args.bf16)

    def train():
        optimizer.zero_grad(set_to_none=True)
        with autocast():
            p = model(x)
        p = p.float()
        loss = -(2 * (p * y).sum() + 1) / (p.sum() + y.sum() + 1)
        loss.backward()
        optimizer.step()
        return loss.item()

    def predict():
        with torch.no_grad(), autocast():
            return model(x).float().sum().item()

    if args.mode == "predict":
        model.eval()
    step = train if args.mode == "train" else predict
    # The first steps build and choose kernels.
    for _ in range(3 if args.device == "cuda" else 1):
        step()
    times = []
    for _ in range(args.steps):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    times.sort()
    median = times[len(times) // 2]
    rate = {"median": median, "min": times[-1], "max": times[0]}
    return {
        "backend": f"torch {torch.__version__}",
        "device": torch.cuda.get_device_name() if args.device == "cuda" else "cpu",
        "mode": args.mode,
        "precision": "bf16" if args.bf16 else "tf32" if args.tf32 else "float32",
        "layout": "channels_last" if args.channels_last else "NCHW",
        "threads": torch.get_num_threads(),
        "size": args.size,
        "batchSize": args.batch,
        "parameters": sum(p.numel() for p in model.parameters()),
        "imagesPerSecond": {k: round(args.batch / v, 2) for k, v in rate.items()},
        "stepMs": round(median * 1000, 1),
        "peakRssMB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def main():
    args = parse()
    result = run_all(args) if args.all else run(args)
    if args.json:
        print(json.dumps(result))
    else:
        print(
            f"{result['mode']} {result['precision']} {result['layout']}"
            f" {result.get('allocator', '')}: {result['imagesPerSecond']['median']} images/s"
        )


main()
