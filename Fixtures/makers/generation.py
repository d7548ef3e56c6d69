"""What Transformers' `generate()` does with a captioner whose logits are integer arithmetic.

The model has no weights: a hash of picture, position, the two latest tokens and the candidate token gives
each logit as a multiple of 1/8, so that a program in any language can have exactly the same logits, ties
included. `Tests/ModelsTests/Generation/HashedCaptioner.swift` is its twin.
"""
import json
import random
import warnings

import numpy as np
import torch
import transformers
from torch import nn
from transformers import GenerationConfig, GenerationMixin, PreTrainedConfig, PreTrainedModel
from transformers.generation.logits_process import (
    MinPLogitsWarper, TopKLogitsWarper, TopPLogitsWarper, TypicalLogitsWarper)
from transformers.modeling_outputs import BaseModelOutput, Seq2SeqLMOutput

VOCABULARY = 48
START, END, OTHER_END, PAD = 1, 2, 3, 0


class HashedConfig(PreTrainedConfig):
    model_type = "hashed-captioner"
    vocab_size: int = VOCABULARY
    levels: int = 97
    is_encoder_decoder: bool = True


class PictureNumber(nn.Module):
    main_input_name = "pixel_values"

    def forward(self, pixel_values, **_):
        return BaseModelOutput(last_hidden_state=pixel_values[:, :, None])


class HashedCaptioner(PreTrainedModel, GenerationMixin):
    config_class = HashedConfig
    base_model_prefix = "hashed"
    main_input_name = "pixel_values"

    def __init__(self, config):
        super().__init__(config)
        self.encoder = PictureNumber()
        self.unused = nn.Parameter(torch.zeros(1))
        self.post_init()

    def get_encoder(self, *_, **__):
        return self.encoder

    def forward(self, pixel_values=None, decoder_input_ids=None, encoder_outputs=None, **_):
        picture = encoder_outputs.last_hidden_state[:, 0, 0].long()
        ids = decoder_input_ids
        latest, length = ids[:, -1], ids.shape[1]
        before = ids[:, -2] if length > 1 else torch.zeros_like(latest)
        row = mix(mix(mix(picture + 17) + before) + latest * 5 + length % 3)
        tokens = torch.arange(self.config.vocab_size)
        values = mix(mix(row[:, None] + tokens[None, :] * 7919))
        logits = ((values >> 7) % self.config.levels - self.config.levels // 2).float() / 8
        logits[:, END] += length / 4
        return Seq2SeqLMOutput(logits=logits[:, None, :])


def mix(value):
    """One step of a 31-bit linear congruential generator with its high bits folded down."""
    value = (value * 1103515245 + 12345) & 0x7FFFFFFF
    return value ^ (value >> 15)


# Every search has these unless it says otherwise.
SPECIAL = dict(decoder_start_token_id=START, eos_token_id=END, pad_token_id=PAD)


def beam_cases():
    """Every beam-only option against every other, then mixtures drawn with a fixed seed."""
    for early_stopping in (False, True, "never"):
        for length_penalty in (-1.0, 0.0, 0.6, 1.0, 2.0):
            for num_beams in (2, 3, 5):
                yield dict(num_beams=num_beams, early_stopping=early_stopping, length_penalty=length_penalty,
                           max_length=12)
    draw = random.Random(7)
    for _ in range(100):
        case = dict(num_beams=draw.randint(2, 5), early_stopping=draw.choice([False, True, "never"]),
                    length_penalty=draw.choice([-1.0, 0.0, 0.5, 1.0, 1.3, 2.0]),
                    max_length=draw.randint(3, 16))
        case["num_return_sequences"] = draw.randint(1, case["num_beams"])
        yield case | mixed_options(draw, case["max_length"])


def greedy_cases():
    yield {}
    yield dict(max_new_tokens=1)
    yield dict(max_length=2)
    yield dict(max_new_tokens=9, max_length=30)
    draw = random.Random(11)
    for _ in range(40):
        max_length = draw.randint(3, 24)
        yield dict(max_length=max_length) | mixed_options(draw, max_length)


def mixed_options(draw, max_length):
    case = {}
    if draw.random() < 0.3:
        case["min_length"] = draw.randint(1, max_length)
    elif draw.random() < 0.3:
        case["min_new_tokens"] = draw.randint(1, max_length - 1)
    if draw.random() < 0.4:
        case["no_repeat_ngram_size"] = draw.choice([1, 2, 2, 3])
    if draw.random() < 0.4:
        case["repetition_penalty"] = draw.choice([0.7, 1.2, 1.9])
    if draw.random() < 0.2:
        case["forced_eos_token_id"] = draw.choice([END, OTHER_END, [END, OTHER_END]])
    if draw.random() < 0.15:
        case["forced_bos_token_id"] = draw.randint(4, 20)
    if draw.random() < 0.2:
        case["suppress_tokens"] = sorted(draw.sample(range(21, VOCABULARY), 9))
    if draw.random() < 0.2:
        case["begin_suppress_tokens"] = sorted(draw.sample(range(2, VOCABULARY), 9))
    if draw.random() < 0.2:
        case["bad_words_ids"] = [[draw.randint(2, 47) for _ in range(draw.choice([1, 1, 2, 3]))] for _ in range(12)]
    ends = draw.choice(["one", "one", "two", "three", "same", "none", "no pad"])
    if ends == "two":
        case["eos_token_id"] = [END, OTHER_END]
    elif ends == "three":
        case["eos_token_id"] = [OTHER_END, END, 40]
    elif ends == "same":
        case |= dict(decoder_start_token_id=END, pad_token_id=END, bos_token_id=END)
    elif ends == "none":
        case["eos_token_id"] = None
    elif ends == "no pad":
        case["pad_token_id"] = None
    return case


def run(model, case, pictures):
    config = GenerationConfig(**(SPECIAL | case))
    pixels = torch.tensor([[float(p)] for p in pictures])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        out = model.generate(pixels, generation_config=config, use_cache=False, output_scores=True,
                             output_logits=True, return_dict_in_generate=True)
    beams = getattr(out, "beam_indices", None)
    logs = model.compute_transition_scores(out.sequences, out.logits, beams, normalize_logits=True)
    sequences, log_probabilities = [], []
    for row, ids in enumerate(out.sequences.tolist()):
        length = generated_length(ids[1:], config, None if beams is None else beams[row])
        sequences.append(ids[: 1 + length])
        log_probabilities.append([round(v, 6) for v in logs[row].tolist()[:length]])
    scores = getattr(out, "sequences_scores", None)
    return sequences, None if scores is None else [float(str(np.float32(s))) for s in scores.tolist()], log_probabilities


def generated_length(ids, config, beam_indices):
    """The tokens of one row before `generate` starts to pad."""
    if beam_indices is not None:
        return int((beam_indices >= 0).sum())
    ends = config.eos_token_id
    ends = [] if ends is None else [ends] if isinstance(ends, int) else ends
    return next((i + 1 for i, token in enumerate(ids) if token in ends), len(ids))


def make_searches(folder):
    draw, cases = random.Random(3), []
    plans = [(case, 97, VOCABULARY) for case in [*beam_cases(), *greedy_cases()]]
    plans += [(case, 9, VOCABULARY) for case in [*greedy_cases()][::4] + [*beam_cases()][::5]]
    # With as many tokens torch.topk takes another way.
    plans += [(case, 97, 700) for case in [*beam_cases()][::13]]
    for case, levels, vocabulary in plans:
        model = HashedCaptioner(HashedConfig(levels=levels, vocab_size=vocabulary)).eval()
        pictures = [draw.randint(0, 999) for _ in range(draw.choice([1, 1, 1, 2, 3, 4]))]
        sequences, scores, logs = run(model, case, pictures)
        entry = dict(levels=levels, vocabulary=vocabulary, pictures=pictures, options=json.dumps(written(case)), sequences=sequences)
        if scores is not None:
            entry["scores"] = scores
        if len(cases) % 8 == 0:
            entry["logProbabilities"] = logs
        cases.append(entry)
    write(folder / "searches.json", cases)


def written(case):
    """The options as generation_config.json has them, "no end token" as an empty list."""
    return case | {"eos_token_id": []} if "eos_token_id" in case and case["eos_token_id"] is None else case


def make_top_k(folder):
    """torch.topk among many equal values: which of them it takes, and in what order."""
    draw, cases = random.Random(5), []
    for count, k in [(4, 2), (6, 2), (9, 3), (12, 5), (15, 5), (30, 10), (48, 4), (60, 40), (90, 30), (128, 2),
                     (200, 3), (640, 10), (700, 8), (1300, 20)]:
        for levels in (2, 6):
            values = [draw.randrange(levels) for _ in range(count)]
            indices = torch.topk(torch.tensor([values], dtype=torch.float32), k)[1][0].tolist()
            cases.append(dict(digits="".join(map(str, values)), k=k, indices=indices))
    write(folder / "top_k.json", cases)


def make_warpers(folder):
    """The tokens that each warper keeps of fixed logits (all different, as ties are left to the sort)."""
    draw, cases = random.Random(9), []
    for scale in (8, 32):
        logits = [v / scale for v in draw.sample(range(-200, 200), 120)]
        row = torch.tensor([logits], dtype=torch.float32)
        kept = []
        for name, values, make in [
            ("top_k", (1, 2, 7, 50, 119, 500), lambda v, m: TopKLogitsWarper(v, min_tokens_to_keep=m)),
            ("top_p", (0.0, 0.1, 0.3, 0.5, 0.9, 0.95, 0.999), lambda v, m: TopPLogitsWarper(v, min_tokens_to_keep=m)),
            ("min_p", (0.01, 0.1, 0.5, 1.0), lambda v, m: MinPLogitsWarper(v, min_tokens_to_keep=m)),
            ("typical_p", (0.05, 0.2, 0.5, 0.9, 0.99), lambda v, m: TypicalLogitsWarper(v, min_tokens_to_keep=m)),
        ]:
            for value in values:
                for least in (1, 3):
                    out = make(value, least)(None, row.clone())[0]
                    kept.append({"option": name, "value": value, "minTokensToKeep": least,
                                 "kept": torch.isfinite(out).nonzero()[:, 0].tolist()})
        cases.append(dict(logits=logits, kept=kept))
    write(folder / "warpers.json", cases)


def make_configurations(folder):
    """What a model folder's two files give, and how a generation configuration is written."""
    decoder = dict(model_type="gpt2", n_positions=64, max_length=20, min_length=0, num_beams=1, do_sample=False,
                   length_penalty=1.0, early_stopping=False, top_k=50, repetition_penalty=1.0,
                   bos_token_id=50256, eos_token_id=50256, pad_token_id=None, no_repeat_ngram_size=0,
                   task_specific_params={"text-generation": {"do_sample": True, "max_length": 50}})
    outer = dict(model_type="vision-encoder-decoder", is_encoder_decoder=True)
    configs = [
        outer | dict(decoder=decoder, encoder={"model_type": "vit", "num_beams": 9},
                     decoder_start_token_id=50256, pad_token_id=50256, eos_token_id=50256, bos_token_id=50256),
        outer | dict(decoder=decoder | dict(num_beams=3, max_length=33), num_beams=4, max_length=None),
        outer | dict(decoder=dict(model_type="gpt2"), eos_token_id=[5, 6], max_length=16, early_stopping=True),
        outer | dict(decoder=decoder | dict(early_stopping="never", suppress_tokens=[3, 4]), length_penalty=2),
        outer,
    ]
    keys = sorted(set(GenerationConfig().to_dict()) - {"transformers_version", "_from_model_config"})
    read = []
    for config in configs:
        result = GenerationConfig.from_model_config(json.loads(json.dumps(config)))
        read.append(dict(config=config, options={k: getattr(result, k) for k in keys if getattr(result, k) is not None}))
    written = []
    for options in [
        {}, dict(max_length=20), SPECIAL, dict(eos_token_id=[7, 9], num_beams=4,
        early_stopping="never", length_penalty=0.6), dict(do_sample=True, temperature=0.7, top_k=0, top_p=0.95,
        min_p=0.05, typical_p=0.9, num_return_sequences=3), dict(num_beams=2, early_stopping=True,
        repetition_penalty=1e-5, bad_words_ids=[[1], [2, 3]], suppress_tokens=[], begin_suppress_tokens=[8],
        forced_bos_token_id=4, forced_eos_token_id=[5, 6], min_length=3, min_new_tokens=2, max_new_tokens=9,
        no_repeat_ngram_size=3, bos_token_id=1),
    ]:
        written.append(dict(options=options, text=GenerationConfig(**options).to_json_string()))
    write(folder / "configurations.json",
          dict(transformers_version=transformers.__version__, read=read, written=written,
               defaults=GenerationConfig._get_default_generation_params()))


def write(path, value):
    lines = value if isinstance(value, list) else [value]
    text = ",\n".join(json.dumps(line, separators=(",", ":")) for line in lines)
    path.write_text(("[\n" + text + "\n]\n") if isinstance(value, list) else text + "\n")


def make(folder):
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    make_searches(folder)
    make_top_k(folder)
    make_warpers(folder)
    make_configurations(folder)
