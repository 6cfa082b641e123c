"""Makes the model folders beside this file, as Optimum and Diffusers lay them out, and what PyTorch computes with them.

python3 make.py        (PyTorch 1.13, onnx 1.12; the weights are random numbers of a fixed seed)

moments     factor 8, 4 latent channels; latent_parameters; diffusers' config.json without a scaling_factor beside the encoder, as Optimum leaves it
sampling    the same weights; latent_sample drawn inside the graph as older versions of Optimum export it, all axes dynamic
half        the same weights in 16-bit floats, inputs and outputs too
plain       factor 4, 3 latent channels; latent_sample without a variance, no config (as TAESD is)
"""
import json
import os
import struct

import numpy
import onnx
import torch
from onnx import numpy_helper
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
OPSET = 14
AXES = ["batch_size", "num_channels", "height", "width"]


class Encoder(nn.Module):
    """image [N, 3, H, W] -> [N, outputs, H / 2^halvings, W / 2^halvings]"""

    def __init__(self, halvings, outputs):
        super().__init__()
        layers = [nn.Conv2d(3, 8, 3, padding=1)]
        for _ in range(halvings):
            layers += [nn.GroupNorm(2, 8), nn.SiLU(), nn.Conv2d(8, 8, 3, stride=2, padding=1)]
        self.layers = nn.Sequential(*layers, nn.SiLU(), nn.Conv2d(8, outputs, 3, padding=1))

    def forward(self, sample):
        return self.layers(sample)


class Sampling(nn.Module):
    """Diffusers' DiagonalGaussianDistribution.sample() behind an encoder of moments."""

    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder

    def forward(self, sample):
        mean, logvar = torch.chunk(self.encoder(sample), 2, dim=1)
        std = torch.exp(0.5 * torch.clamp(logvar, -30.0, 20.0))
        return mean + std * torch.randn(mean.shape)


class Decoder(nn.Module):
    """latent [N, inputs, h, w] -> image"""

    def __init__(self, doublings, inputs):
        super().__init__()
        layers = [nn.Conv2d(inputs, 8, 3, padding=1)]
        for _ in range(doublings):
            layers += [nn.Upsample(scale_factor=2.0), nn.Conv2d(8, 8, 3, padding=1), nn.GroupNorm(2, 8), nn.SiLU()]
        self.layers = nn.Sequential(*layers, nn.Conv2d(8, 3, 3, padding=1))

    def forward(self, latent_sample):
        return self.layers(latent_sample)


def export(module, shape, path, source, target, free):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    torch.onnx.export(
        module.eval(), torch.zeros(shape), path, opset_version=OPSET, input_names=[source], output_names=[target],
        dynamic_axes={name: {axis: AXES[axis] + ("_latent" if axis and "latent" in name else "") for axis in free} for name in (source, target)})
    model = onnx.load(path)
    for node in model.graph.node:
        node.doc_string = ""
    onnx.save(model, path)


def halve(path):
    """All floats of a graph to 16 bits, but for the scales of a Resize, which ONNX wants in 32."""
    model = onnx.load(path)
    graph = model.graph
    scales = {name for node in graph.node if node.op_type == "Resize" for name in node.input[1:]}
    constants = [(node.output[0], node.attribute[0].t) for node in graph.node if node.op_type == "Constant"]
    for name, tensor in [(tensor.name, tensor) for tensor in graph.initializer] + constants:
        if tensor.data_type == onnx.TensorProto.FLOAT and name not in scales:
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(numpy.float16), tensor.name))
    for value in list(graph.input) + list(graph.output):
        value.type.tensor_type.elem_type = onnx.TensorProto.FLOAT16
    onnx.save(model, path)


def save(path, tensors):
    """A safetensors file of 32-bit floats."""
    header, data = {}, b""
    for name, tensor in tensors.items():
        values = tensor.detach().float().contiguous().numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def at(*parts):
    return os.path.join(HERE, *parts)


torch.manual_seed(7)
encoder, decoder = Encoder(3, 8), Decoder(3, 4)
plain_encoder, plain_decoder = Encoder(2, 3), Decoder(2, 3)
for network in (encoder, decoder, plain_encoder, plain_decoder):
    for parameter in network.parameters():
        if parameter.ndim == 1:
            nn.init.uniform_(parameter, 0.5, 1.5)  # norms too, which begin all equal
image = torch.rand(2, 3, 24, 40) * 2 - 1

for folder in ("moments", "half"):
    export(encoder, (1, 3, 64, 64), at(folder, "vae_encoder", "model.onnx"), "sample", "latent_parameters", (0, 2, 3))
    export(decoder, (1, 4, 8, 8), at(folder, "vae_decoder", "model.onnx"), "latent_sample", "sample", (0, 2, 3))
for half in ("vae_encoder", "vae_decoder"):
    halve(at("half", half, "model.onnx"))
with open(at("moments", "vae_encoder", "config.json"), "w") as file:
    json.dump({"_class_name": "AutoencoderKL", "_diffusers_version": "0.30.0", "block_out_channels": [8, 8, 8, 8], "latent_channels": 4}, file, indent=2)
with open(at("half", "config.json"), "w") as file:
    json.dump({"_class_name": "AutoencoderKL", "scaling_factor": 0.3611, "shift_factor": 0.1159, "latent_channels": 4}, file, indent=2)

export(Sampling(encoder), (1, 3, 64, 64), at("sampling", "vae_encoder", "model.onnx"), "sample", "latent_sample", (0, 1, 2, 3))
export(decoder, (1, 4, 8, 8), at("sampling", "vae_decoder", "model.onnx"), "latent_sample", "sample", (0, 1, 2, 3))
export(plain_encoder, (1, 3, 64, 64), at("plain", "vae_encoder", "model.onnx"), "sample", "latent_sample", (0, 2, 3))
export(plain_decoder, (1, 3, 8, 8), at("plain", "vae_decoder", "model.onnx"), "latent_sample", "sample", (0, 2, 3))

with torch.no_grad():
    moments, latent = encoder(image), plain_encoder(image)
    save(at("expected.safetensors"), {
        "image": image, "moments": moments, "decoded": decoder(moments[:, :4]), "plain.latent": latent, "plain.decoded": plain_decoder(latent)})
