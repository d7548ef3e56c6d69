"""Runs of Transformers' Seq2SeqTrainer on a tiny ViT + GPT-2: the loss of each step and the weights at the end.

`initial/` is the checkpoint that every run starts from, `data.json` the examples, and each run has its
arguments and log in `<run>.json` and its final weights, under the file's names, in `<run>.safetensors`.
"""
import tempfile

import support.quiet  # noqa: F401
import numpy
import torch
from support import reference
from transformers import (
    GPT2Config,
    PrinterCallback,
    Seq2SeqTrainer,
    Seq2SeqTrainingArguments,
    VisionEncoderDecoderConfig,
    VisionEncoderDecoderModel,
    ViTConfig,
)

EXAMPLES = 80
SIZE = 12
VOCABULARY = 48
END = 0

# `labels` says how a batch's labels are made from the captions: "pad" fills up to `width` with the padding id, which
# is the end's, so that padding counts in the loss and no end token is added (as the tutorial does it); "mask" adds
# one end token and fills with -100.
RUNS = {
    "tutorial": {
        "labels": "pad", "width": 128, "examples": EXAMPLES,
        "arguments": {"per_device_train_batch_size": 4, "learning_rate": 5e-5, "lr_scheduler_type": "linear"},
    },
    "decayed": {
        "labels": "pad", "width": 16, "examples": EXAMPLES,
        "arguments": {"per_device_train_batch_size": 4, "learning_rate": 1e-3, "lr_scheduler_type": "linear",
                      "weight_decay": 0.1},
    },
    "smoothed": {
        "labels": "mask", "examples": EXAMPLES,
        "arguments": {"per_device_train_batch_size": 4, "learning_rate": 1e-3, "lr_scheduler_type": "cosine",
                      "warmup_steps": 10, "label_smoothing_factor": 0.1},
    },
    # What batches of 4, accumulated two by two, must equal. 76 examples leave half a batch at the end of an epoch.
    "large-batch": {
        "labels": "mask", "examples": 76,
        "arguments": {"per_device_train_batch_size": 8, "learning_rate": 1e-3, "lr_scheduler_type": "linear",
                      "max_grad_norm": 0.5},
    },
}


class Lcg:
    """Numbers that any language can repeat: state ← state · 1664525 + 1013904223 mod 2³²; the upper bits count."""

    def __init__(self, seed):
        self.state = seed

    def next(self, bound):
        self.state = (self.state * 1664525 + 1013904223) % 2**32
        return (self.state >> 16) % bound


def draw(index):
    """Picture [3, SIZE, SIZE] of bytes: a level per channel and quadrant, with noise."""
    numbers = Lcg(index + 1)
    levels = [numbers.next(200) for _ in range(12)]
    pixels = [levels[4 * channel + 2 * (row >= SIZE // 2) + (column >= SIZE // 2)] + numbers.next(56)
              for channel in range(3) for row in range(SIZE) for column in range(SIZE)]
    return numpy.array(pixels, dtype=numpy.uint8).reshape(3, SIZE, SIZE)


def describe(picture):
    """A caption that can be learned from the picture: an id for each quadrant's mean, three to twelve in all."""
    middles = [int(picture[channel, row, column]) for channel in range(3) for row in (0, 11) for column in (0, 11)]
    return [1 + (middle // 16) + 16 * (place % 2) for place, middle in enumerate(middles)][: 3 + middles[0] % 10]


def normalize(picture):
    """Bytes to pixel values, each operation rounded to single precision: v / 255, − 0.5, ÷ 0.5."""
    single = numpy.float32
    return torch.from_numpy((picture.astype(single) / single(255) - single(0.5)) / single(0.5))


def initial_model():
    config = VisionEncoderDecoderConfig.from_encoder_decoder_configs(
        ViTConfig(hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
                  image_size=SIZE, patch_size=4),
        GPT2Config(vocab_size=VOCABULARY, n_positions=128, n_embd=8, n_layer=2, n_head=2, n_inner=16,
                   bos_token_id=END, eos_token_id=END, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0),
        decoder_start_token_id=END, eos_token_id=END, pad_token_id=END)
    return reference.untame(VisionEncoderDecoderModel(config), seed=1)


def collator(run, model, dtype):
    """Batches as the tutorial's collator makes them; label smoothing needs the decoder's input ids beside."""
    def collate(examples):
        captions = [example["caption"] for example in examples]
        if run["labels"] == "pad":
            rows = [caption + [END] * (run["width"] - len(caption)) for caption in captions]
        else:
            width = max(map(len, captions)) + 1
            rows = [c + [END] + [reference.IGNORED] * (width - 1 - len(c)) for c in captions]
        labels = torch.tensor(rows)
        batch = {"pixel_values": torch.stack([e["pixel_values"] for e in examples]).to(dtype), "labels": labels}
        if "label_smoothing_factor" in run["arguments"]:
            batch["decoder_input_ids"] = model.prepare_decoder_input_ids_from_labels(labels)
        return batch
    return collate


def train(run, initial, examples, dtype=torch.float32):
    """The trained model, the log of its steps, and the evaluation loss on all examples, three at a time."""
    model = VisionEncoderDecoderModel.from_pretrained(initial).to(dtype)
    with tempfile.TemporaryDirectory() as output:
        arguments = Seq2SeqTrainingArguments(
            output_dir=output, num_train_epochs=3, logging_steps=1, logging_first_step=True, save_strategy="no",
            report_to="none", use_cpu=True, remove_unused_columns=False, disable_tqdm=True, seed=42,
            train_sampling_strategy="sequential", per_device_eval_batch_size=3,
            **run["arguments"])
        trainer = Seq2SeqTrainer(
            model=model, args=arguments, train_dataset=examples[: run["examples"]], eval_dataset=examples,
            data_collator=collator(run, model, dtype))
        trainer.remove_callback(PrinterCallback)
        trainer.train()
        steps = [entry for entry in trainer.state.log_history if "loss" in entry]
        evaluation = trainer.evaluate()["eval_loss"]
    assert [entry["step"] for entry in steps] == list(range(1, len(steps) + 1))
    parameters = {name: p.detach() for name, p in model.named_parameters()}
    log = {
        **run,
        "loss": [entry["loss"] for entry in steps],
        "grad_norm": [entry["grad_norm"] for entry in steps],
        "learning_rate": [entry["learning_rate"] for entry in steps],
        "epoch": [entry["epoch"] for entry in steps],
        "eval_loss": evaluation,
    }
    return log, reference.file_names(model, parameters)


def undecayed(model):
    """The parameters that Trainer keeps out of weight decay, by their names in the file."""
    with tempfile.TemporaryDirectory() as output:
        arguments = Seq2SeqTrainingArguments(output_dir=output, report_to="none", use_cpu=True)
        decayed = Seq2SeqTrainer(model=model, args=arguments).get_decay_parameter_names(model)
    return sorted(reference.file_names(model, {n: p for n, p in model.named_parameters() if n not in decayed}))


def make(folder):
    initial = folder / "initial"
    model = initial_model()
    model.save_pretrained(initial)
    pictures = [draw(index) for index in range(EXAMPLES)]
    captions = [describe(picture) for picture in pictures]
    examples = [{"pixel_values": normalize(p), "caption": c} for p, c in zip(pictures, captions)]
    reference.write_json({
        "captions": captions,
        "picture_sums": [int(picture.sum()) for picture in pictures],
        "first_row": pictures[0][0, 0].tolist(),
        "no_weight_decay": undecayed(model),
    }, folder / "data.json")
    for name, run in RUNS.items():
        log, weights = train(run, initial, examples)
        reference.write_json(log, folder / f"{name}.json")
        reference.save_tensors(weights, folder / f"{name}.safetensors")
