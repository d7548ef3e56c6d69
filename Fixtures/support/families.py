"""What the makers of caption families, BLIP and GIT, write alike."""
import tempfile

import torch
from makers import models, training
from PIL import Image
from support import reference
from transformers import (
    AutoImageProcessor,
    AutoTokenizer,
    PrinterCallback,
    Trainer,
    TrainingArguments,
)


def write_caption(folder, model, generate, variants, prompts):
    """A picture file, and the captions that a Python user of the folder would get for it."""
    models.draw_scene(folder / "scene.png")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    processor = AutoImageProcessor.from_pretrained(folder, backend="pil")
    pixel_values = processor(Image.open(folder / "scene.png").convert("RGB"), return_tensors="pt").pixel_values
    rows = []
    for options in variants:
        for prompt in prompts:
            row = generate(model, pixel_values, options, prompt and tokenizer(prompt).input_ids)
            row["prompt"] = prompt
            row["captions"] = tokenizer.batch_decode(row["sequences"], skip_special_tokens=True)
            rows.append(row)
    reference.write_json(rows, folder / "caption.json")


def write_run(folder, model, start, end, pad):
    """30 steps of Transformers' Trainer on captions between `start` and `end`: the checkpoint that they start from, the
    loss of each and the weights at the end."""
    model.save_pretrained(folder / "initial")
    (folder / "initial" / "generation_config.json").unlink(missing_ok=True)
    pictures = [training.draw(index) for index in range(40)]
    examples = [{"pixel_values": training.normalize(p), "caption": training.describe(p)} for p in pictures]

    def collate(batch):
        rows = [[start, *example["caption"], end] for example in batch]
        width = max(map(len, rows))
        return {
            "pixel_values": torch.stack([example["pixel_values"] for example in batch]),
            "input_ids": torch.tensor([row + [pad] * (width - len(row)) for row in rows]),
            "attention_mask": torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows]),
            "labels": torch.tensor([row + [reference.IGNORED] * (width - len(row)) for row in rows]),
        }

    arguments = {"per_device_train_batch_size": 4, "learning_rate": 1e-3, "lr_scheduler_type": "linear",
                 "weight_decay": 0.1}
    model = type(model).from_pretrained(folder / "initial")
    with tempfile.TemporaryDirectory() as output:
        trainer = Trainer(
            model=model, train_dataset=examples, data_collator=collate,
            args=TrainingArguments(
                output_dir=output, num_train_epochs=3, logging_steps=1, logging_first_step=True, save_strategy="no",
                report_to="none", use_cpu=True, remove_unused_columns=False, disable_tqdm=True, seed=42,
                train_sampling_strategy="sequential", **arguments))
        trainer.remove_callback(PrinterCallback)
        trainer.train()
        steps = [entry for entry in trainer.state.log_history if "loss" in entry]
    reference.write_json({
        "labels": "mask", "examples": len(examples), "arguments": arguments,
        "loss": [entry["loss"] for entry in steps],
        "grad_norm": [entry["grad_norm"] for entry in steps],
    }, folder / "run.json")
    parameters = {name: p.detach() for name, p in model.named_parameters()}
    reference.save_tensors(reference.file_names(model, parameters), folder / "final.safetensors")
