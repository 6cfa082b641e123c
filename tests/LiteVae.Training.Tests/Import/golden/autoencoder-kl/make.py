"""Makes the golden files beside it with the diffusers package that Python finds; see README.md."""
import json
import pathlib
import struct
import sys

import diffusers
import numpy
import torch

HERE = pathlib.Path(__file__).parent
TYPES = {numpy.dtype("float32"): "F32", numpy.dtype("float16"): "F16"}


def write(path, tensors):
    """A safetensors file, by the format's definition."""
    header, data = {}, b""
    for name, tensor in tensors.items():
        array = numpy.ascontiguousarray(tensor.detach().numpy())
        header[name] = {"dtype": TYPES[array.dtype], "shape": list(array.shape), "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def shake(model, dtype):
    """Gives every weight, norm and bias a value that matters and that dtype holds exactly."""
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if parameter.dim() > 1:
                value = noise * (parameter[0].numel() ** -0.5)
            elif "norm" in name and name.endswith("weight"):
                value = 1 + 0.3 * noise
            else:
                value = 0.3 * noise
            parameter.copy_(value.to(dtype).float())


def quieten(model):
    """Brings what every norm sees down to about 1e-3, where its epsilon of 1e-6 makes a difference."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" not in name and (name.endswith("bias") or any(part in name for part in ("conv_in.", ".conv1.", ".conv2.", ".to_out."))):
                parameter.mul_(1e-3)


def make(name, height, width, dtype=torch.float32, quiet=False, **shape):
    levels = len(shape["block_out_channels"])
    model = diffusers.AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * levels, up_block_types=("UpDecoderBlock2D",) * levels, **shape
    ).eval()
    shake(model, dtype)
    if quiet:
        quieten(model)
    generator = torch.Generator().manual_seed(8)
    with torch.no_grad():
        x = torch.rand((2, 3, height, width), generator=generator) * 2 - 1
        posterior = model.encode(x).latent_dist
        latent = torch.randn(posterior.mean.shape, generator=generator)
        outputs = {
            "x": x, "moments": posterior.parameters, "mean": posterior.mean, "reconstruction": model.decode(posterior.mean).sample,
            "latent": latent, "decoded": model.decode(latent).sample,
        }
    write(HERE / f"{name}.safetensors", {key: value.to(dtype) for key, value in model.state_dict().items()})
    write(HERE / f"{name}.io.safetensors", {key: value.contiguous() for key, value in outputs.items()})
    (HERE / f"{name}.config.json").write_text(model.to_json_string())


def names():
    """Names and shapes of Stable Diffusion's autoencoder."""
    model = diffusers.AutoencoderKL(
        block_out_channels=(128, 256, 512, 512), layers_per_block=2, down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4
    )
    lines = [f"{name}\t{','.join(map(str, value.shape))}\n" for name, value in sorted(model.state_dict().items())]
    (HERE / "sd-vae.names.txt").write_text("".join(lines))


if diffusers.__version__ == "0.30.3":
    make("kl-tiny", 24, 40, torch.float16, block_out_channels=(16, 32), layers_per_block=2, latent_channels=4, norm_num_groups=8, scaling_factor=0.3611, shift_factor=0.1159)
    make("kl-f4-noquant", 20, 36, block_out_channels=(8, 16, 24), layers_per_block=1, latent_channels=3, norm_num_groups=4, use_quant_conv=False, use_post_quant_conv=False)
    make(
        "kl-noattention", 12, 20, block_out_channels=(24, 8), layers_per_block=3, latent_channels=2, norm_num_groups=2,
        use_post_quant_conv=False, mid_block_add_attention=False, latents_mean=(0.5, -0.25), latents_std=(2.0, 1.5),
    )
    make("kl-quiet", 10, 14, quiet=True, block_out_channels=(8, 16), layers_per_block=1, latent_channels=4, norm_num_groups=2)
    names()
elif diffusers.__version__ == "0.10.2":
    make("kl-old", 16, 28, block_out_channels=(16, 24), layers_per_block=1, latent_channels=4, norm_num_groups=8)
else:
    sys.exit(f"diffusers is {diffusers.__version__}; this wants 0.30.3, and 0.10.2 for the old names")
