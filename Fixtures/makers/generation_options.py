"""The rarer options of Transformers' `generate()`, with the hashed captioner of `generation.py`.

`searches.json` holds token ids; `processed.json` what all processors and warpers together make of given scores;
`cutoffs.json` the tokens that single warpers keep; `stop_strings.json` where texts end captions, with the bytes that
each token stands for; `token_bytes.json` those of the tokenizers in `tokenizers/`; `captions.json` the captions of the
checkpoint `models/vit-gpt2`; `refused.json` what Transformers says of searches that it no longer has.
"""
import json
import pathlib
import random
import shutil
import tempfile
import warnings

import torch
import transformers
from PIL import Image
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    AutoImageProcessor, AutoTokenizer, GenerationConfig, PreTrainedTokenizerFast, VisionEncoderDecoderModel)
from transformers.generation.logits_process import EpsilonLogitsWarper, EtaLogitsWarper, TopHLogitsWarper
from transformers.generation.stopping_criteria import StopStringCriteria

from makers import tokenizers as tokenizer_maker
from makers.generation import (
    END, OTHER_END, PAD, SPECIAL, START, VOCABULARY, HashedCaptioner, HashedConfig, mixed_options, run, write, written)


def model_of(levels=97):
    return HashedCaptioner(HashedConfig(levels=levels, vocab_size=VOCABULARY)).eval()


# MARK: Searches


def rare_options(draw):
    """Some of the options that this file is about, one at least."""
    case = {}
    while not case:
        if draw.random() < 0.5:
            words = [[draw.randint(2, 47) for _ in range(draw.choice([1, 1, 2, 2, 3]))] for _ in range(30)]
            case["sequence_bias"] = [[word, draw.choice([-7.25, -2.5, 0.375, 1.0, 4.125])] for word in words]
        if draw.random() < 0.4:
            case["exponential_decay_length_penalty"] = [draw.randint(0, 6), draw.choice([0.8, 1.05, 1.3, 2.0])]
        if draw.random() < 0.5:
            case["renormalize_logits"] = True
    return case


def search_cases():
    """(options, prepared so that the order of tied candidates doesn't depend on rounding)"""
    yield dict(max_time=0.0, max_length=12)
    yield dict(max_time=3600.0, max_length=12)
    yield dict(max_time=0.0, max_length=12, num_beams=3, num_return_sequences=2)
    yield dict(max_time=3600.0, max_length=12, num_beams=3)
    # What has no effect without group beam search.
    yield dict(num_beams=3, num_beam_groups=1, diversity_penalty=0.5)
    yield dict(num_beam_groups=4, max_length=9)
    yield dict(penalty_alpha=0.6, num_beams=2)
    yield dict(penalty_alpha=0.6, top_k=1)
    draw = random.Random(23)
    for _ in range(40):
        max_length = draw.randint(3, 20)
        yield dict(max_length=max_length) | with_an_end(mixed_options(draw, max_length) | rare_options(draw))
    for _ in range(60):
        case = dict(num_beams=draw.randint(2, 5), early_stopping=draw.choice([False, True, "never"]),
                    length_penalty=draw.choice([-1.0, 0.0, 0.5, 1.0, 2.0]), max_length=draw.randint(3, 16))
        case["num_return_sequences"] = draw.randint(1, case["num_beams"])
        yield case | with_an_end(mixed_options(draw, case["max_length"]) | rare_options(draw))


def with_an_end(case):
    """Transformers can't raise the score of an end token that there isn't."""
    if case.get("eos_token_id", END) is None:
        case.pop("exponential_decay_length_penalty", None)
    return case


def make_searches(folder):
    draw, entries = random.Random(29), []
    for number, case in enumerate(search_cases()):
        pictures = [draw.randint(0, 999) for _ in range(draw.choice([1, 1, 2, 3]))]
        sequences, scores, logs = run(model_of(), case, pictures)
        entry = dict(levels=97, vocabulary=VOCABULARY, pictures=pictures, options=json.dumps(written(case)),
                     sequences=sequences)
        if scores is not None:
            entry["scores"] = scores
        if number % 8 == 0:
            entry["logProbabilities"] = logs
        entries.append(entry)
    write(folder / "searches.json", entries)


# MARK: Processors and warpers


def make_processed(folder):
    """The scores after all processors, which shows their order."""
    draw, entries = random.Random(31), []
    for number in range(60):
        beams = draw.choice([1, 3])
        case = mixed_options(draw, 20) | rare_options(draw)
        case.pop("forced_eos_token_id", None)
        if number % 4:
            case["do_sample"] = True
            case |= sampling_options(draw)
        case = with_an_end(case | dict(max_length=20, num_beams=beams))
        prompt = [case.get("decoder_start_token_id", START)]
        ids = prompt + [draw.randint(4, VOCABULARY - 1) for _ in range(draw.choice([0, 1, 4, 9]))]
        logits = [value / 16 for value in draw.sample(range(-200, 200), VOCABULARY)]
        entries.append(dict(options=json.dumps(written(case)), prefix=ids, logits=logits,
                            scores=processed(case, len(prompt), ids, logits)))
    write(folder / "processed.json", entries)


def sampling_options(draw):
    case = {}
    for name, values in dict(
            temperature=(0.7, 1.5), top_h=(0.3, 0.6, 0.9), top_k=(0, 5, 30), top_p=(0.5, 0.9), min_p=(0.01, 0.1),
            typical_p=(0.6, 0.9), epsilon_cutoff=(0.001, 0.01, 0.1), eta_cutoff=(0.001, 0.01, 0.1)).items():
        if draw.random() < 0.35:
            case[name] = draw.choice(values)
    return case


def processed(case, prompt_length, ids, logits):
    model, config = model_of(), GenerationConfig(**(SPECIAL | case))
    model._prepare_special_tokens(config, False, device="cpu", batch_size=1)
    # What `generate` makes of lengths.
    if config.min_new_tokens is not None:
        config.min_length = config.min_new_tokens + prompt_length
    if config.top_k is None:
        config.top_k = 50
    processors = model._get_logits_processor(config, input_ids_seq_length=prompt_length, device="cpu")
    scores = processors(torch.tensor([ids]), torch.tensor([logits], dtype=torch.float32))[0].tolist()
    return [None if value == -float("inf") else round(value, 6) for value in scores]


def make_cutoffs(folder):
    draw, cases = random.Random(37), []
    # More tokens than top-H looks at, and fewer.
    for scale, count in ((8, 120), (32, 120), (128, 120), (16, 40)):
        logits = [value / scale for value in draw.sample(range(-200, 200), count)]
        row = torch.tensor([logits], dtype=torch.float32)
        kept = []
        for name, values, make in [
            ("top_h", (0.01, 0.2, 0.4, 0.6, 0.9), lambda value, least: TopHLogitsWarper(value)),
            ("epsilon_cutoff", (0.0003, 0.003, 0.03, 0.3), lambda v, m: EpsilonLogitsWarper(v, min_tokens_to_keep=m)),
            ("eta_cutoff", (0.0003, 0.003, 0.03, 0.3), lambda v, m: EtaLogitsWarper(v, min_tokens_to_keep=m)),
        ]:
            for value in values:
                for least in (1, 3):
                    out = make(value, least)(None, row.clone())[0]
                    kept.append({"option": name, "value": value, "minTokensToKeep": least,
                                 "kept": torch.isfinite(out).nonzero()[:, 0].tolist()})
        cases.append(dict(logits=logits, kept=kept))
    write(folder / "cutoffs.json", cases)


# MARK: Texts that end captions

SPECIALS = ["<pad>", "<s>", "</s>", "<end>"]
TEXTS = ["s", "t", "o", "p", "st", "to", "op", "sto", "top", "stop", " s", " st", " stop", "opp", "pers", "tops", "pst",
         "oo", "po", "ps", "ss", "pp", b"\xc3\xa9", b"\xc3", b"\xa9", b"o\xc3", " ", ".", " .", "so", "ot", "pot", "spot",
         "pots", "t o", "p s", "sp", "os", "tt", "et", "e", "op ", "ts", b"\xa9s"]
PIECES = ["abcdef", "s", "t", "o", "p", "##s", "##t", "##o", "##p", "##st", "##to", "##op", "stop", "##stop", "##pers", "to",
          "top", "##tops", "##pst", "é", "##é", ".", ",", "##.", "'s", "n't", "##oo", "##po", "spot", "##ot", "pot", "st",
          "##e", "et", "tt", "##tt", "ss", "##ss", "op", "sp", "##sp", "sto", "po", "##pot"]
STOPS = ["stop", "op", "p s", "é", "sé", "stops", "tt", ["po", "tt", " st"], ". ", ["é.", "oo"], "</s>", "t's", ".",
         ["topst", "opt"], "s>s", "tot", ["top", "spo", "ott", "éo", "pp"], ["s", "o", "."]]


def byte_level_tokenizer():
    spelling = {byte: character for character, byte in StopStringCriteria._byte_level_decoder().items()}
    texts = [text.encode() if isinstance(text, str) else text for text in TEXTS]
    tokens = SPECIALS + ["".join(spelling[byte] for byte in text) for text in texts]
    tokenizer = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>")


def word_piece_tokenizer():
    vocabulary = {token: i for i, token in enumerate(SPECIALS + PIECES)}
    tokenizer = Tokenizer(models.WordPiece(vocab=vocabulary, unk_token="<end>"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix="##", cleanup=True)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>")


def token_bytes(tokenizer):
    """By id, in hexadecimal."""
    mode = StopStringCriteria._get_stop_string_matching_mode(tokenizer)
    texts, ids = StopStringCriteria.clean_tokenizer_vocab(tokenizer, stop_string_matching_mode=mode)
    table = {i: (text.encode() if isinstance(text, str) else text).hex() for text, i in zip(texts, ids)}
    return [table.get(i) for i in range(max(table) + 1)]


class WithTokenizer:
    """The captioner, given a tokenizer for its texts."""

    def __init__(self, model, tokenizer):
        self.model, self.tokenizer = model, tokenizer

    def generate(self, *arguments, **options):
        return self.model.generate(*arguments, tokenizer=self.tokenizer, **options)

    def compute_transition_scores(self, *arguments, **options):
        return self.model.compute_transition_scores(*arguments, **options)


def make_stop_strings(folder):
    draw, described = random.Random(41), []
    for name, tokenizer in (("byte level", byte_level_tokenizer()), ("word pieces", word_piece_tokenizer())):
        assert len(tokenizer) == VOCABULARY, len(tokenizer)
        matches, cases = [], []
        for stop in STOPS:
            try:
                criterion = StopStringCriteria(tokenizer, stop)
            except ValueError:
                # No token ends it.
                matches.append(dict(stopStrings=[stop] if isinstance(stop, str) else stop, ends=None))
                continue
            ids = [[draw.randrange(VOCABULARY) for _ in range(draw.randint(1, 8))] for _ in range(4000)]
            ended = [sequence for sequence in ids if criterion(torch.tensor([sequence]), None).item()]
            going = [sequence for sequence in ids if sequence not in ended]
            matches.append(dict(stopStrings=[stop] if isinstance(stop, str) else stop, ends=ended[:40], goesOn=going[:40]))
            # One image at a time: of several, Transformers goes on with beams that have nowhere to go.
            for beams in (1, 1, 3):
                case = dict(max_length=24, stop_strings=stop)
                if beams > 1:
                    case |= dict(num_beams=beams, num_return_sequences=2, early_stopping=draw.choice([False, True, "never"]))
                elif draw.random() < 0.3:
                    case["eos_token_id"] = None
                picture = draw.randint(0, 999)
                sequences, scores, _ = run(WithTokenizer(model_of(), tokenizer), case, [picture])
                entry = dict(levels=97, vocabulary=VOCABULARY, pictures=[picture], options=json.dumps(written(case)),
                             sequences=sequences)
                if scores is not None:
                    entry["scores"] = scores
                cases.append(entry)
        described.append(dict(name=name, tokens=token_bytes(tokenizer), matches=matches, searches=cases))
    write(folder / "stop_strings.json", described)


def make_token_bytes(folder):
    """What the tokens of tokenizers with files stand for."""
    source, described = folder.parent / "tokenizers", []
    for name, base, files in tokenizer_maker.cases(source):
        with tempfile.TemporaryDirectory() as temporary:
            case = pathlib.Path(temporary) / "case"
            shutil.copytree(source / base, case)
            for file, content in files.items():
                tokenizer_maker.write_json(case / file, content() if callable(content) else content)
            table = token_bytes(AutoTokenizer.from_pretrained(case))
        digest = tokenizer_maker.fnv(bytes.fromhex(text or "") + b"\xff" for text in table)
        described.append(dict(name=name, count=len(table), digest=digest, first=table[:40], last=table[-8:]))
    write(folder / "token_bytes.json", described)


# MARK: A whole captioner


def make_captions(folder):
    source = folder.parent / "models" / "vit-gpt2"
    model = VisionEncoderDecoderModel.from_pretrained(source).eval()
    tokenizer = AutoTokenizer.from_pretrained(source)
    picture = Image.open(source / "scene.png").convert("RGB")
    pixel_values = AutoImageProcessor.from_pretrained(source, backend="pil")(picture, return_tensors="pt").pixel_values
    rows = []
    for options in [
            dict(stop_strings="irT"), dict(stop_strings=["xyz", "rirT"], num_beams=4), dict(stop_strings=["h", "xyz"]),
            dict(sequence_bias=[[[47], -3.5], [[0, 47], 4.0], [[47, 47], -1.0]]),
            dict(sequence_bias=[[[47, 47, 47], -9.0]], num_beams=3, renormalize_logits=True),
            dict(exponential_decay_length_penalty=[3, 1.4], num_beams=2), dict(exponential_decay_length_penalty=[2, 0.6]),
            dict(renormalize_logits=True, repetition_penalty=1.4, num_beams=4), dict(max_time=0.0),
            # Of an encoder that is given tokens: ignored.
            dict(encoder_no_repeat_ngram_size=1), dict(encoder_repetition_penalty=1.8, num_beams=2),
            # In a list, as many as images.
            dict(bos_token_id=[0]), dict(decoder_start_token_id=[47])]:
        options["max_length"] = 12
        config = GenerationConfig(**(dict(bos_token_id=0, eos_token_id=0, pad_token_id=0) | options))
        with torch.no_grad():
            ids = model.generate(pixel_values, generation_config=config, tokenizer=tokenizer)
        rows.append(dict(options=options, sequences=ids.tolist(),
                         captions=tokenizer.batch_decode(ids, skip_special_tokens=True)))
    write(folder / "captions.json", rows)


# MARK: Searches that are gone


def make_refused(folder):
    entries = []
    for case in [dict(num_beams=4, num_beam_groups=2, diversity_penalty=0.5), dict(num_beams=4, num_beam_groups=2),
                 dict(penalty_alpha=0.6), dict(penalty_alpha=0.6, top_k=4), dict(force_words_ids=[[5, 6]]),
                 dict(force_words_ids=[[5, 6]], num_beams=4), dict(dola_layers="low"), dict(dola_layers=[1, 2])]:
        try:
            run(model_of(), case, [1])
        except ValueError as error:
            entries.append(dict(options=json.dumps(case), message=str(error)))
    assert len(entries) == 8
    write(folder / "refused.json", entries)


def make(folder):
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    warnings.simplefilter("ignore")
    make_searches(folder)
    make_processed(folder)
    make_cutoffs(folder)
    make_stop_strings(folder)
    make_token_bytes(folder)
    make_captions(folder)
    make_refused(folder)
