"""LiteVAE in PyTorch (samples/python/litevae.py) as the reference.

make.py                    makes the golden folders beside it
make.py MODEL OUT          writes what a model folder, or weight file, gives for random images to the safetensors file OUT
"""
import json
import pathlib
import struct
import sys

import numpy
import torch

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[4] / "samples" / "python"))
import litevae  # noqa: E402

MODELS = {
    "group-norm": {
        "latent_channels": 3,
        "encoder": {"extractor": {"width": 4, "multipliers": [1, 2]}, "aggregator": {"width": 6, "multipliers": [2, 1]}, "shared_extractors": False, "norm": "group_norm"},
        "decoder": {"width": 4, "multipliers": [1, 2, 2, 3], "blocks_per_level": 1, "norm": "group_norm", "attention": True, "output": "image"},
        "latent_convolutions": True,
    },
    "norm-free": {
        "latent_channels": 5,
        "encoder": {"extractor": {"width": 4, "multipliers": [1, 2, 3]}, "aggregator": {"width": 4, "multipliers": [1, 1]}, "shared_extractors": True, "norm": "self_modulated"},
        "decoder": {"width": 6, "multipliers": [1, 2, 1], "blocks_per_level": 2, "norm": "self_modulated", "attention": False, "output": "wavelet"},
        "latent_convolutions": False,
    },
    "quiet": {
        "latent_channels": 4,
        "encoder": {"extractor": {"width": 4, "multipliers": [1]}, "aggregator": {"width": 4, "multipliers": [1]}, "shared_extractors": True, "norm": "self_modulated"},
        "decoder": {"width": 4, "multipliers": [1, 1, 2, 2], "blocks_per_level": 1, "norm": "group_norm", "attention": True, "output": "image"},
        "latent_convolutions": False,
    },
}


def write(path, tensors):
    """A safetensors file, by the format's definition."""
    header, data = {}, b""
    for name, tensor in tensors.items():
        values = tensor.detach().contiguous().numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def outputs(vae):
    x = torch.rand((2, 3, 16, 40), generator=torch.Generator().manual_seed(1)) * 2 - 1
    with torch.no_grad():
        mean, logvar = vae.encode(x)
        return {"x": x, "moments": torch.cat([mean, logvar], 1), "mean": mean, "reconstruction": vae.decode(mean)}


def shake(vae):
    """Gives every weight, norm, scale and bias a value that matters."""
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for name, parameter in vae.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            around_one = name.endswith(("scale", "gain")) or ("norm" in name and name.endswith("weight"))
            parameter.copy_(noise * parameter[0].numel() ** -0.5 if parameter.dim() > 1 else around_one + 0.3 * noise)


def quieten(vae):
    """Makes values so small that epsilons make a difference: 1e-3 before a norm (1e-6), 1e-4 in self-modulated weights (1e-8)."""
    with torch.no_grad():
        for name, module in vae.named_modules():
            if isinstance(module, litevae.SelfModulatedConv2d):
                module.weight.mul_(1e-4)
            elif name.startswith("decoder.") and isinstance(module, torch.nn.Conv2d):
                module.bias.mul_(1e-3)
                if name.endswith((".stem", ".conv1", ".conv2", ".project")):
                    module.weight.mul_(1e-3)


def golden():
    for name, architecture in MODELS.items():
        vae = litevae.LiteVae(architecture).eval()
        shake(vae)
        if name == "quiet":
            quieten(vae)
        folder = HERE / name
        folder.mkdir(exist_ok=True)
        config = {"schema_version": 1, "name": name, "architecture": architecture, "latent_channels": architecture["latent_channels"]}
        (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
        write(folder / "model.safetensors", vae.state_dict())
        write(folder / "io.safetensors", outputs(vae))


if len(sys.argv) == 3:
    write(pathlib.Path(sys.argv[2]), outputs(litevae.load(sys.argv[1])[0]))
else:
    golden()
