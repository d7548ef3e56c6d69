"""Checkpoint files as PyTorch, safetensors and Transformers write them, with the values they hold."""
import collections
import json
import pathlib
import random
import shutil
import zipfile

import huggingface_hub
import torch
import transformers
from safetensors.torch import save_file

TYPES = [
    torch.bool, torch.uint8, torch.int8, torch.int16, torch.uint16, torch.float16, torch.bfloat16, torch.int32,
    torch.uint32, torch.float32, torch.float64, torch.int64, torch.uint64,
]


def make(folder: pathlib.Path):
    shutil.rmtree(folder)
    folder.mkdir()
    torch.manual_seed(0)
    every = every_type()
    save_file(every, folder / "types.safetensors", metadata={"format": "pt"})
    torch.save(every, folder / "types.bin")
    expect(folder / "types.json", every)
    plain_zip(folder / "types.bin", folder / "types-plain-zip.bin")

    views = every_view()
    torch.save(views, folder / "views.bin")
    torch.save(views, folder / "views-legacy.bin", _use_new_zipfile_serialization=False)
    torch.save(views, folder / "views-protocol4.bin", pickle_protocol=4)
    torch.save(views, folder / "views-legacy-protocol4.bin", _use_new_zipfile_serialization=False, pickle_protocol=4)
    expect(folder / "views.json", views)

    refused(folder / "refused")
    models(folder)
    (folder / "json.json").write_text(json.dumps(json_cases(), indent=1) + "\n")


def every_type():
    tensors = {}
    for dtype in TYPES:
        name = str(dtype).removeprefix("torch.")
        if dtype.is_floating_point:
            values = torch.tensor([[0.0, -0.0, 1.0], [-1.5, 3.140625, 1e-7], [6e4, float("inf"), -1e-5]])
            tensors[name] = values.to(dtype)
        elif dtype == torch.bool:
            tensors[name] = torch.tensor([True, False, True])
        else:
            limits = torch.iinfo(dtype)
            tensors[name] = torch.tensor([limits.min, 0, 1, 100, limits.max], dtype=dtype)
    tensors["empty"] = torch.zeros(0, 3)
    tensors["scalar"] = torch.tensor(2.5)
    tensors["größe \"µ\"\n"] = torch.tensor([1.0, 2.0])
    return tensors


def plain_zip(source, target):
    """The same archive without alignment and 64-bit fields, as other tools write it."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as new:
        for entry in old.infolist():
            new.writestr(zipfile.ZipInfo(entry.filename), old.read(entry))


def every_view():
    """A state dict whose tensors share storages, start inside them and lie strided."""
    layer = torch.nn.Linear(3, 4)
    state = layer.state_dict()
    base = torch.arange(60, dtype=torch.float32)
    state["tied"] = state["weight"]
    state["transposed"] = state["weight"].t()
    state["cube"] = base.view(3, 4, 5)
    state["turned"] = base.view(3, 4, 5).permute(2, 0, 1)
    state["slice"] = base[7:23]
    state["steps"] = base.view(6, 10)[1::2, 2:9:3]
    state["expanded"] = torch.tensor([[1.0], [2.0]]).expand(2, 4)
    state["parameter"] = torch.nn.Parameter(torch.randn(2, 2))
    state["half"] = torch.randn(5, 3).half().t()
    state["brain"] = torch.randn(3, 3).bfloat16()
    state["long"] = torch.arange(6).view(2, 3).t()
    with_attribute = torch.nn.Parameter(torch.randn(3))
    with_attribute.note = ["read", {"and": ("dropped", 1.5, None, {1, 2}, b"bytes", 2**70)}]
    state["attributed"] = with_attribute
    state["epoch"] = 3
    state["names"] = ["a", "b"]
    return state


class Runs:
    def __init__(self, *call):
        self.call = call

    def __reduce__(self):
        return self.call


def refused(folder):
    import builtins
    import os
    folder.mkdir()
    tensor = torch.zeros(2)
    for name, thing in {
        "os-system": Runs(os.system, ("touch owned",)),
        "eval": Runs(builtins.eval, ("1",)),
        "class": collections.Counter("ab"),
        "complex": torch.zeros(2, dtype=torch.complex64),
        "negated": torch.zeros(2, dtype=torch.complex64).conj().imag,
    }.items():
        torch.save({"weight": tensor, "other": thing}, folder / f"{name}.bin")
        torch.save({"weight": tensor, "other": thing}, folder / f"{name}-legacy.bin",
                   _use_new_zipfile_serialization=False)
    torch.save([tensor], folder / "list.bin")
    torch.save({"model": {"weight": tensor}}, folder / "nested.bin")


def models(folder):
    config = transformers.GPT2Config(
        n_embd=8, n_layer=1, n_head=2, n_positions=8, vocab_size=20, bos_token_id=0, eos_token_id=0)
    model = transformers.GPT2Model(config)
    model.save_pretrained(folder / "single")
    model.save_pretrained(folder / "sharded", max_shard_size="2KB")
    state = model.state_dict()
    expect(folder / "model.json", state)
    (folder / "bin").mkdir()
    torch.save(state, folder / "bin" / "pytorch_model.bin")
    (folder / "bin-sharded").mkdir()
    huggingface_hub.save_torch_state_dict(
        state, folder / "bin-sharded", filename_pattern="pytorch_model{suffix}.bin", max_shard_size="2KB",
        safe_serialization=False)


def expect(path, tensors):
    expected = {
        name: {"type": str(t.dtype).removeprefix("torch."), "shape": list(t.shape),
               "values": t.detach().to(torch.float32).flatten().tolist()}
        for name, t in tensors.items() if isinstance(t, torch.Tensor)
    }
    path.write_text(json.dumps(expected) + "\n")


def json_cases():
    values = [
        None, True, False, 0, -1, 2**63 - 1, -2**63, 2**63, 10**30, int(1e30), 1.0, -0.0, 0.1, 1e-4, 1e-5, 1.5e-7,
        1e15, 1e16, 1e22, 5e-324, 1.7976931348623157e308, 2.0**53, 2.0**53 + 2, 2.0**54, 9999999999999998.0,
        123456789012345680.0, float("nan"), float("inf"), -float("inf"), "", "plain", "\"\\/\b\f\n\r\t\x00\x1f\x7f",
        "é ü ß 漢字 😀 \u2028 \ufeff", [], {}, [[]], [{}], {"a": []}, [1, [2, [3]], {"b": {"a": 1, "c": 2}}],
        {"z": 1, "a": 2, "Z": 3, "é": 4, "e\u0301": 5, "😀": 6, "\uffff": 7, "": 8, "10": 9, "9": 10},
    ]
    generator = random.Random(0)
    values.append([generator.uniform(-1, 1) * 10.0 ** generator.randint(-20, 20) for _ in range(200)])
    return [
        {
            "text": json.dumps(value, ensure_ascii=False, separators=(",", ":")),
            "config": json.dumps(value, indent=2, sort_keys=True),
            "tokenizer": json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False),
            "one_line": json.dumps(value),
        }
        for value in values
    ]
