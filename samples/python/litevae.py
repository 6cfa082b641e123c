"""LiteVAE in PyTorch, for the weights that LiteVae.Training writes as model.safetensors.

    from litevae import load
    vae, config = load("models/litevae-s-f8c12")
    mean, logvar = vae.encode(images)        # images [N, 3, H, W] in [-1, 1], H and W multiples of 8
    images = vae.decode(mean)                # latents [N, nz, H/8, W/8], unscaled
    latent = (mean - config["shift_factor"]) * config["scaling_factor"]   # what a diffusion model is trained on

A model.safetensors alone loads too, by the config in its metadata.
As a program it reconstructs a picture (with Pillow): python3 litevae.py MODEL IN.png OUT.png
Needs PyTorch and NumPy alone. The modules are called as the tensors are; docs/formats.md lists them.
"""
import json
import math
import pathlib
import struct
import sys

import numpy
import torch
from torch import nn
from torch.nn import functional

# the sub-bands LL, H (between rows), V (between columns), D of a 2 x 2 block
HAAR = torch.tensor([[[1.0, 1], [1, 1]], [[1, 1], [-1, -1]], [[1, -1], [1, -1]], [[1, -1], [-1, 1]]]) / 2


def haar(x):
    """[N, C, H, W] to [N, 4C, H/2, W/2]: all LL, then all H, V, D."""
    n, c, h, w = x.shape
    bands = functional.conv2d(x.reshape(n * c, 1, h, w), HAAR.to(x)[:, None], stride=2)
    return bands.reshape(n, c, 4, h // 2, w // 2).transpose(1, 2).reshape(n, 4 * c, h // 2, w // 2)


def inverse_haar(bands):
    """[N, 4C, h, w] to [N, C, 2h, 2w]."""
    n, c, h, w = bands.shape
    blocks = bands.reshape(n, 4, c // 4, h, w).transpose(1, 2).reshape(n * c // 4, 4, h, w)
    return functional.conv_transpose2d(blocks, HAAR.to(bands)[:, None], stride=2).reshape(n, c // 4, 2 * h, 2 * w)


def group_norm(channels):
    return nn.GroupNorm(math.gcd(32, channels), channels, eps=1e-6)


class SelfModulatedConv2d(nn.Module):
    """A 3x3 convolution that normalises its weight in place of its input."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs, 3, 3))
        self.bias = nn.Parameter(torch.empty(outputs))
        self.scale = nn.Parameter(torch.empty(inputs))
        self.gain = nn.Parameter(torch.empty(1))

    def forward(self, x):
        weight = self.weight * self.scale[None, :, None, None]
        weight = self.gain * weight / torch.sqrt((weight**2).sum((1, 2, 3), keepdim=True) + 1e-8)
        return functional.conv2d(x, weight, self.bias, padding=1)


class ResidualBlock(nn.Module):
    def __init__(self, inputs, outputs, norm):
        super().__init__()
        if norm == "group_norm":
            self.norm1, self.norm2 = group_norm(inputs), group_norm(outputs)
            self.conv1, self.conv2 = nn.Conv2d(inputs, outputs, 3, padding=1), nn.Conv2d(outputs, outputs, 3, padding=1)
        else:
            self.norm1, self.norm2 = nn.Identity(), nn.Identity()
            self.conv1, self.conv2 = SelfModulatedConv2d(inputs, outputs), SelfModulatedConv2d(outputs, outputs)
        self.skip = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1)

    def forward(self, x):
        h = self.conv1(functional.silu(self.norm1(x)))
        return self.skip(x) + self.conv2(functional.silu(self.norm2(h)))


class SelfAttention(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm = group_norm(channels)
        self.query, self.key, self.value, self.project = (nn.Conv2d(channels, channels, 1) for _ in range(4))

    def forward(self, x):
        h = self.norm(x)
        query, key, value = (layer(h).flatten(2) for layer in (self.query, self.key, self.value))  # [N, C, HW]
        weights = torch.softmax(torch.einsum("ncq,nck->nqk", query, key) / math.sqrt(x.shape[1]), -1)
        return x + self.project(torch.einsum("nqk,nck->ncq", weights, value).view_as(x))


class FeatureUNet(nn.Module):
    """A UNet without resampling; each of its levels has two blocks."""

    def __init__(self, inputs, outputs, shape, norm):
        super().__init__()
        widths = [shape["width"] * multiplier for multiplier in shape["multipliers"] for _ in range(2)]
        self.stem = nn.Conv2d(inputs, shape["width"], 3, padding=1)
        self.down = nn.ModuleList(ResidualBlock(a, b, norm) for a, b in zip([shape["width"], *widths], widths))
        self.mid = nn.ModuleList(ResidualBlock(widths[-1], widths[-1], norm) for _ in range(2))
        back = widths[::-1]
        self.up = nn.ModuleList(ResidualBlock(a + skip, b, norm) for a, skip, b in zip([back[0], *back], back, back))
        self.head = nn.Conv2d(widths[0], outputs, 3, padding=1)

    def forward(self, x):
        h, skips = self.stem(x), []
        for block in self.down:
            h = block(h)
            skips.append(h)
        for block in self.mid:
            h = block(h)
        for block in self.up:
            h = block(torch.cat([h, skips.pop()], 1))
        return self.head(h)


class Encoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        shape, moments = config["encoder"], 2 * config["latent_channels"]
        count = 1 if shape["shared_extractors"] else 3
        self.extract = nn.ModuleList(FeatureUNet(12, 12, shape["extractor"], shape["norm"]) for _ in range(count))
        self.aggregate = FeatureUNet(36, moments, shape["aggregator"], shape["norm"])
        self.quant = nn.Conv2d(moments, moments, 1) if config["latent_convolutions"] else nn.Identity()
        self.code = config.get("linear_code")
        if self.code:
            self.linear = nn.Conv2d(3, moments // 2, 8, stride=8)

    def forward(self, x):
        features, low = [], x
        for level in range(3):
            bands = haar(low)
            low = bands[:, :3]
            # each level is brought back to the range of an image, and its features to an eighth of the image's size
            extracted = self.extract[level % len(self.extract)](bands / 2 ** (level + 1))
            features.append(functional.avg_pool2d(extracted, 4 >> level))
        moments = self.quant(self.aggregate(torch.cat(features, 1)))
        if not self.code:
            return moments
        mean, logvar = moments.chunk(2, 1)
        return torch.cat([self.code["network_share"] * mean + self.linear(x), logvar], 1)


class DecoderLevel(nn.Module):
    def __init__(self, inputs, outputs, count, norm, last):
        super().__init__()
        self.blocks = nn.ModuleList(ResidualBlock(outputs if i else inputs, outputs, norm) for i in range(count))
        if not last:
            self.upsample = nn.Conv2d(outputs, outputs, 3, padding=1)

    def forward(self, h):
        for block in self.blocks:
            h = block(h)
        return self.upsample(functional.interpolate(h, scale_factor=2.0, mode="nearest")) if hasattr(self, "upsample") else h


class Decoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        shape, nz = config["decoder"], config["latent_channels"]
        norm, self.output = shape["norm"], shape["output"]
        widths = [shape["width"] * multiplier for multiplier in shape["multipliers"][::-1]]  # coarsest first
        self.postquant = nn.Conv2d(nz, nz, 1) if config["latent_convolutions"] else nn.Identity()
        self.stem = nn.Conv2d(nz, widths[0], 3, padding=1)
        middle = SelfAttention(widths[0]) if shape["attention"] else ResidualBlock(widths[0], widths[0], norm)
        self.mid = nn.ModuleList([ResidualBlock(widths[0], widths[0], norm), middle, ResidualBlock(widths[0], widths[0], norm)])
        self.up = nn.ModuleList(
            DecoderLevel(a, b, shape["blocks_per_level"], norm, last=i == len(widths) - 1) for i, (a, b) in enumerate(zip([widths[0], *widths], widths))
        )
        self.norm = group_norm(widths[-1]) if norm == "group_norm" else nn.Identity()
        self.head = nn.Conv2d(widths[-1], 3 if self.output == "image" else 12, 3, padding=1)
        self.code = config.get("linear_code")
        if self.code:
            self.linear = nn.ConvTranspose2d(nz, 3, 24, stride=8, padding=8)

    def forward(self, z):
        h = self.stem(self.postquant(z))
        for part in [*self.mid, *self.up]:
            h = part(h)
        h = self.head(functional.silu(self.norm(h)))
        h = h if self.output == "image" else inverse_haar(2 * h)
        return self.code["network_share"] * h + self.linear(z) if self.code else h


class LiteVae(nn.Module):
    def __init__(self, architecture):
        super().__init__()
        self.encoder, self.decoder = Encoder(architecture), Decoder(architecture)

    def encode(self, images):
        """Images [N, 3, H, W] in [-1, 1] to the posterior's mean and log-variance, each [N, nz, H/8, W/8]."""
        return self.encoder(images).chunk(2, 1)

    def decode(self, latents):
        """Unscaled latents [N, nz, h, w] to images [N, 3, 8h, 8w], not clamped."""
        return self.decoder(latents)


def read_safetensors(path):
    """The fp32 tensors of a file, and its metadata."""
    data = pathlib.Path(path).read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header, start = json.loads(data[8 : 8 + length]), 8 + length
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        if entry["dtype"] != "F32":
            raise ValueError(f"{path}: the tensor {name} is {entry['dtype']}; F32 is read here")
        first, last = (start + offset for offset in entry["data_offsets"])
        tensors[name] = torch.from_numpy(numpy.frombuffer(data[first:last], "<f4").reshape(entry["shape"]).copy())
    return tensors, metadata


def load(model):
    """The network of a model folder, or of a model.safetensors alone, with its weights, and the config."""
    model = pathlib.Path(model)
    tensors, metadata = read_safetensors(model / "model.safetensors" if model.is_dir() else model)
    text = (model / "config.json").read_text(encoding="utf-8") if model.is_dir() else metadata.get("litevae.config")
    if text is None:
        raise ValueError(f"{model}: no litevae.config in its metadata: name the folder that it lies in, with the config.json")
    config = json.loads(text)
    if config["architecture"].get("type", "litevae") != "litevae":
        raise ValueError(f"{model} holds imported weights: load its model.safetensors in the program that they came from")
    vae = LiteVae(config["architecture"])
    vae.load_state_dict(tensors, strict=True)
    return vae.eval(), config


def main(model, source, target):
    from PIL import Image, ImageOps

    vae, _ = load(model)
    picture = ImageOps.exif_transpose(Image.open(source)).convert("RGB")
    images = torch.from_numpy(numpy.array(picture, dtype="float32")).permute(2, 0, 1)[None] / 127.5 - 1
    with torch.no_grad():
        # to multiples of 8 by repeating the edge, and back
        mean, _ = vae.encode(functional.pad(images, (0, -picture.width % 8, 0, -picture.height % 8), mode="replicate"))
        back = vae.decode(mean)[0, :, : picture.height, : picture.width]
    pixels = ((back.permute(1, 2, 0).clamp(-1, 1) + 1) * 127.5).round().byte().numpy()
    Image.fromarray(pixels).save(target)


if __name__ == "__main__":
    main(*sys.argv[1:]) if len(sys.argv) == 4 else sys.exit(__doc__)
