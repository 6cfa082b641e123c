"""LPIPS and the loss of VGG features by PyTorch and torchvision, on weights and images made by a formula (FormulaWeights.cs has it too).

Needs Debian's python3-torch and python3-torchvision, nothing downloaded. Writes beside itself
names.csv            model, tensor, shape of torchvision's features
expected.safetensors distances, losses and gradients, computed in double precision
"""
import json
import math
import pathlib
import struct

import numpy
import torch
import torchvision

HERE = pathlib.Path(__file__).resolve().parent
SHAPE = (2, 3, 33, 36)
LPIPS = {  # layers compared, after the activation
    "vgg": ("vgg16", [3, 8, 15, 22, 29]),
    "alex": ("alexnet", [1, 4, 7, 9, 11]),
    "squeeze": ("squeezenet1_1", [1, 4, 7, 9, 10, 11, 12]),
}
VGG = {"vgg16": [2, 7, 14, 21, 28], "vgg19": [2, 7, 16, 25, 34]}  # the last convolution of each block, before the activation
VGG_WEIGHTS = [0.1, 0.1, 1, 1, 1]


def noise(name, count):
    """Numbers in [-1, 1) that depend on name and place alone, the same in every language."""
    seed = 2166136261
    for byte in name.encode():
        seed = (seed ^ byte) * 16777619 % 2**32
    h = (seed + numpy.arange(count, dtype=numpy.uint64) * 2654435761) % 2**32
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        h = (h ^ (h >> numpy.uint64(shift))) * factor % 2**32
    return (h >> numpy.uint64(8)).astype(numpy.float64) / 2**23 - 1


def formula(name, shape):
    """A tensor: weights that keep the variance, small biases, heads that are not negative, images in [-1, 1]."""
    values = noise(name, math.prod(shape))
    if name.startswith("image"):
        values *= 0.9
    elif name.startswith("lin"):
        values = (values + 1) / 2
    else:
        values *= math.sqrt(6 / math.prod(shape[1:])) if len(shape) == 4 else 0.1
    return torch.from_numpy(values.astype(numpy.float32)).reshape(shape).double()


def features(model):
    layers = getattr(torchvision.models, model)(**({"init_weights": False} if model.startswith("vgg") else {})).features.double()
    layers.load_state_dict({name: formula(f"features.{name}", tuple(value.shape)) for name, value in layers.state_dict().items()})
    for module in layers.modules():
        if isinstance(module, torch.nn.ReLU):
            module.inplace = False
    return layers.requires_grad_(False)


def taps(layers, x, wanted):
    out = []
    for i, layer in enumerate(layers[: wanted[-1] + 1]):
        x = layer(x)
        if i in wanted:
            out.append(x)
    return out


def lpips(layers, wanted, a, b):
    shift = torch.tensor([-0.030, -0.088, -0.188]).double().view(1, 3, 1, 1)
    scale = torch.tensor([0.458, 0.448, 0.450]).double().view(1, 3, 1, 1)
    distances = []
    for i, (fa, fb) in enumerate(zip(*(taps(layers, (x - shift) / scale, wanted) for x in (a, b)))):
        fa, fb = (f / (f.pow(2).sum(1, keepdim=True).sqrt() + 1e-10) for f in (fa, fb))
        head = formula(f"lin{i}.weight", (1, fa.shape[1], 1, 1))
        distances.append(((fa - fb).pow(2) * head).sum(1).mean((1, 2)))
    return torch.stack(distances, 1)


def vgg_loss(layers, wanted, a, b):
    mean = torch.tensor([0.485, 0.456, 0.406]).double().view(1, 3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225]).double().view(1, 3, 1, 1)
    pairs = zip(*(taps(layers, ((x + 1) / 2 - mean) / deviation, wanted) for x in (a, b)))
    return sum(weight * (fa - fb).abs().mean() for weight, (fa, fb) in zip(VGG_WEIGHTS, pairs))


def write(path, tensors):
    """A safetensors file, by the format's definition."""
    header, data = {}, b""
    for name, tensor in tensors.items():
        values = tensor.detach().contiguous().numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


models = {model: features(model) for model in ("vgg16", "vgg19", "alexnet", "squeezenet1_1")}
(HERE / "names.csv").write_text("".join(
    f"{model},features.{name},{'x'.join(map(str, value.shape))}\n" for model, layers in models.items() for name, value in layers.state_dict().items()))

expected = {}
for name, (model, wanted) in LPIPS.items():
    a, b = (formula(f"image_{which}", SHAPE).requires_grad_() for which in "ab")
    layers = lpips(models[model], wanted, a, b)
    (layers.sum(1) * torch.tensor([1.0, 2.0])).sum().backward()
    expected |= {f"{name}.layers": layers, f"{name}.gradient_b": b.grad}
    if name == "squeeze":
        expected["squeeze.gradient_a"] = a.grad
for model, wanted in VGG.items():
    a, b = formula("image_a", SHAPE), formula("image_b", SHAPE).requires_grad_()
    loss = vgg_loss(models[model], wanted, a, b)
    loss.backward()
    expected |= {f"{model}.loss": loss.reshape(1), f"{model}.gradient_b": b.grad}
write(HERE / "expected.safetensors", expected)
