"""Features of FID's InceptionV3 in PyTorch and torchvision, over weights and images made by a formula.

make_inception.py > inception.csv

FID's network is torchvision's but for its pooling: the mean pools of the mixed blocks leave the border out of the mean, and that
of the last block is a maximum. Here torchvision's own blocks run, with the pooling that they call exchanged under them.
"""
import sys

import numpy
import torch
import torchvision.models.inception as inception

IMAGES = [(299, 299), (40, 64), (400, 330)]  # height, width: as it is, enlarged, reduced
EVERY = 32  # features written: one of so many


def noise(name, count):
    """Numbers in [-1, 1) of (name, index): FNV-1a of the name, then a 32-bit finalizer."""
    seed = 2166136261
    for byte in name.encode():
        seed = ((seed ^ byte) * 16777619) & 0xFFFFFFFF
    x = numpy.arange(count, dtype=numpy.uint32) + numpy.uint32(seed)
    x ^= x >> numpy.uint32(16)
    x *= numpy.uint32(0x7FEB352D)
    x ^= x >> numpy.uint32(15)
    x *= numpy.uint32(0x846CA68B)
    x ^= x >> numpy.uint32(16)
    return x.astype(numpy.float64) / 2147483648 - 1


def weight(name, shape):
    value = noise(name, int(numpy.prod(shape))).reshape(shape)
    if name.endswith("conv.weight"):
        value *= numpy.sqrt(6 / numpy.prod(shape[1:]))
    elif name.endswith(("bn.weight", "bn.running_var")):
        value = 1 + 0.5 * value
    elif not name.startswith("fc."):
        value *= 0.2
    return torch.from_numpy(value.astype(numpy.float32))


class Pooling:
    """torch.nn.functional as torchvision's blocks see it."""

    last = False

    def __getattr__(self, name):
        return getattr(torch.nn.functional, name)

    def avg_pool2d(self, x, kernel_size, stride, padding):
        if self.last:
            return torch.nn.functional.max_pool2d(x, kernel_size, stride, padding)
        return torch.nn.functional.avg_pool2d(x, kernel_size, stride, padding, count_include_pad=False)


def main():
    network = inception.Inception3(num_classes=1008, aux_logits=False, transform_input=False, init_weights=False).eval()
    state = {name: weight(name, value.shape) if value.dim() else value for name, value in network.state_dict().items()}
    network.load_state_dict(state)

    pooling = inception.F = Pooling()
    network.Mixed_7c.register_forward_pre_hook(lambda *_: setattr(pooling, "last", True))
    network.fc = network.dropout = torch.nn.Identity()

    out = sys.stdout
    out.write("height,width,feature,value\n")
    for height, width in IMAGES:
        image = (noise(f"image {height}x{width}", 3 * height * width) * 128 + 128).astype(numpy.uint8)
        x = torch.from_numpy(image.reshape(1, height, width, 3).transpose(0, 3, 1, 2).astype(numpy.float32) / 255)
        x = torch.nn.functional.interpolate(x, size=(299, 299), mode="bilinear", align_corners=False)
        pooling.last = False
        with torch.no_grad():
            features = network(2 * x - 1)[0].numpy()
        for i in range(0, 2048, EVERY):
            out.write(f"{height},{width},{i},{features[i]:.7g}\n")


main()
