"""Writes the golden files with PyTorch's own torch.save, and what their tensors hold as safetensors, written by hand. Made with PyTorch 1.13."""
import argparse
import collections
import json
import pathlib
import struct

import numpy as np
import torch

HERE = pathlib.Path(__file__).parent
DTYPES = {
    torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.float64: "F64", torch.int64: "I64",
    torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL",
}


def expect(name, tensors):
    """The oracle: elements in row-major order, little-endian, in the dtype that the tensor has."""
    header, data = {}, b""
    for key, value in tensors.items():
        value = value.detach()
        if value.dtype == torch.bfloat16:  # numpy has none; a bfloat16 is the upper half of a float32
            raw = (np.ascontiguousarray(value.float().numpy()).view(np.uint32) >> 16).astype("<u2").tobytes()
        else:
            array = np.ascontiguousarray(value.numpy())
            raw = array.astype(array.dtype.newbyteorder("<")).tobytes()
        header[key] = {"dtype": DTYPES[value.dtype], "shape": list(value.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    (HERE / f"{name}.expected.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)


def write(name, suffix, content, tensors):
    torch.save(content, HERE / f"{name}.{suffix}")
    expect(name, tensors)


torch.manual_seed(7)

dtypes = {f"of.{spelling}": (torch.randn(2, 3, 4) * 50).to(dtype) for dtype, spelling in DTYPES.items()}
dtypes["special"] = torch.tensor([0.0, -0.0, 1e-45, 3.4e38, float("inf"), float("-inf"), float("nan")])
dtypes["special.half"] = torch.tensor([0.0, -0.0, 6e-8, 65504.0, float("inf"), float("-inf"), float("nan")], dtype=torch.float16)
write("dtypes", "pth", dtypes, dtypes)

base = torch.randn(4, 5, 6)
line = torch.randn(1000)
views = collections.OrderedDict(
    base=base,
    transposed=base.transpose(0, 2),
    permuted=base.permute(1, 2, 0),
    channels_last=torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last),
    step=base[:, ::2, 1::3],
    offset=base[2:, 3],
    same=base,
    reshaped=base.view(20, 6),
    middle=line[500:520],
    matrix=line[100:160].view(10, 6).t(),
    empty=torch.empty(0),
    empty_rows=torch.empty(3, 0, 2),
    scalar=torch.tensor(3.5),
    inner_scalar=line[77],
    ones=torch.randn(1, 1, 7, 1)[:, :, ::2],
    parameter=torch.nn.Parameter(torch.randn(3, 2)),
    narrow_expanded=line[10:12].view(2, 1).expand(2, 3),  # repeats elements, though fewer than the storage has
)
write("views", "bin", views, views)

module = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Linear(4, 2, bias=False))
write("module", "pt", module.state_dict(), module.state_dict())  # with '_metadata', set by the opcode BUILD

optimizer = torch.optim.Adam(module.parameters())
module[2](torch.randn(5, 4)).sum().backward()
optimizer.step()
lightning = {
    "epoch": 3,
    "global_step": 70_000,
    "pytorch-lightning_version": "1.9.5",
    "state_dict": module.state_dict(),
    "loops": {"fit_loop": {"state_dict": {}, "epoch_progress": {"total": {"ready": 4, "completed": 3}, "seed": 2**70, "small": -5, "large": -(2**40)}}},
    "callbacks": {"ModelCheckpoint{'monitor': 'val/loss'}": {"best_model_score": torch.tensor(0.25), "best_k_models": {}, "kth": None, "ratio": 0.5}},
    "optimizer_states": [optimizer.state_dict()],
    "lr_schedulers": [],
    "hparams_name": "kwargs",
    "hyper_parameters": {"lr": 1e-4, "betas": (0.9, 0.99), "amp": True, "shape": torch.Size([3, 256, 256]), "device": torch.device("cpu"), "name": "Wörter"},
}
write("lightning", "ckpt", lightning, module.state_dict())

# Refused, each for what it holds.
torch.save({"state_dict": module.state_dict(), "hyper_parameters": argparse.Namespace(lr=1)}, HERE / "refused.namespace.ckpt")
torch.save(module[2], HERE / "refused.module.pth")
torch.save({"a": torch.zeros(2, dtype=torch.complex64)}, HERE / "refused.complex.pth")
torch.save({"a": torch.zeros(2)}, HERE / "refused.legacy.pth", _use_new_zipfile_serialization=False)
torch.save({"a": torch.zeros(2)}, HERE / "refused.protocol4.pth", pickle_protocol=4)
torch.save({"a": torch.zeros(1).expand(1000)}, HERE / "refused.expanded.pth")
torch.save({"model": module.state_dict(), "epoch": 3}, HERE / "refused.nested.pth")
torch.save([torch.zeros(2)], HERE / "refused.list.pth")
torch.jit.save(torch.jit.script(module[2]), str(HERE / "refused.torchscript.pt"))
