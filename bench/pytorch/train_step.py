"""LiteVAE's training step in PyTorch, driven line by line over stdin: train_step.py FOLDER THREADS

FOLDER holds a model (config.json and model.safetensors, the first weights), options.json (the options of a training run) and batch.safetensors
(images [N, 3, R, R], noise [steps, N, nz, R/8, R/8]). The commands:

    compare N    N steps with the file's noise; answers a line of JSON for each, what it measured
    steps N      N steps with noise drawn here; answers "done" after the last

The network is samples/python/litevae.py, to be put beside this file. Losses: L1, KL, wavelet, Gaussian; then the gradient is clipped, and Adam and the running average follow.
"""
import json
import pathlib
import sys

import litevae
import torch
from torch.nn import functional


def charbonnier(difference):
    return (difference.square() + 1e-6).sqrt().mean()


def high_bands(x):
    """H, V, D of the Haar transform, halved: [N, C, H, W] to [N, 3C, H/2, W/2]. By slices: a strided convolution's gradient takes fifteen times as long on a CPU."""
    top, bottom = x[:, :, 0::2], x[:, :, 1::2]
    sums, differences = top + bottom, top - bottom
    left, right = differences[..., 0::2], differences[..., 1::2]
    return torch.cat([left + right, sums[..., 0::2] - sums[..., 1::2], left - right], 1) / 4


def blur_kernel():
    """Five taps of a Gaussian of sigma 1, for each of three channels, [3, 1, 5]."""
    taps = torch.exp(-torch.arange(-2.0, 3).square() / 2)
    return (taps / taps.sum()).expand(3, 1, 5)


class Training:
    def __init__(self, folder):
        self.network, _ = litevae.load(folder)
        self.network.train()
        self.average = [parameter.detach().clone() for parameter in self.network.parameters()]
        self.options = json.loads((folder / "options.json").read_text(encoding="utf-8"))
        self.weights = self.options["Stages"][0]["Losses"]
        self.images, self.noise = (litevae.read_safetensors(folder / "batch.safetensors")[0][name] for name in ("images", "noise"))
        self.kernel = blur_kernel()
        self.done = 0
        # for each parameter: foreach=True is no faster on a CPU
        self.optimizer = torch.optim.Adam(
            self.network.parameters(), self.options["LearningRate"]["Peak"], (self.options["Beta1"], self.options["Beta2"]), foreach=False
        )

    def step(self, noise):
        """One step; what it measured, as numbers."""
        images = self.images.clone()  # as if it came from a loader
        self.optimizer.zero_grad(set_to_none=True)

        # forward: a posterior sample
        mean, logvar = self.network.encode(images)
        logvar = logvar.clamp(-30, 20)
        difference = self.network.decode(mean + (logvar / 2).exp() * noise) - images

        # losses
        padded = functional.pad(difference, (2, 2, 2, 2), mode="reflect")
        blurred = functional.conv2d(functional.conv2d(padded, self.kernel[..., None], groups=3), self.kernel[:, :, None], groups=3)
        terms = {
            "Reconstruction": difference.abs().mean(),
            "Kl": (mean.square() + logvar.exp() - 1 - logvar).mean() / 2,
            "Wavelet": charbonnier(high_bands(difference)),
            "Gaussian": (difference - blurred).abs().mean(),
        }
        total = sum(self.weights[name] * term for name, term in terms.items())

        # backward, clip, Adam, running average
        total.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.options["GradientClip"])
        self.optimizer.step()
        keep = min(self.options["EmaDecay"], (1 + self.done) / (10 + self.done))
        with torch.no_grad():
            for average, parameter in zip(self.average, self.network.parameters()):
                average.lerp_(parameter, 1 - keep)
            squares = difference.square().mean()
        self.done += 1
        return {name: term.item() for name, term in {"Total": total, **terms, "SquaredError": squares, "GradientNorm": norm}.items()}

    def lag(self):
        """How far the running average is behind the weights: the norm of their difference."""
        with torch.no_grad():
            return sum((a - p).double().square().sum().item() for a, p in zip(self.average, self.network.parameters())) ** 0.5


def main(folder, threads):
    torch.set_num_threads(int(threads))
    training = Training(pathlib.Path(folder))
    for line in sys.stdin:
        command, count = line.split()
        for i in range(int(count)):
            measured = training.step(training.noise[i] if command == "compare" else torch.randn_like(training.noise[0]))
            if command == "compare":
                print(json.dumps({**measured, "Lag": training.lag()}), flush=True)
        if command == "steps":
            print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
