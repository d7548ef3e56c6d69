"""A byte-level BPE tokenizer trained on a few invented sentences."""
import json

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import GPT2TokenizerFast

SENTENCES = [
    "A red tent stands on a green meadow under the sun.",
    "The sun shines over a red tent.",
    "A small dog sleeps beside the tent, and a bird sings.",
    "Two birds fly over the green meadow.",
    "The dog runs; the birds don't mind.",
    "There is a tent in the meadow and the sun is low.",
]
END = "<|endoftext|>"


def train(vocabulary=96):
    """Ids 0 for the end, then the bytes seen, then the merges."""
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.post_processor = processors.ByteLevel(trim_offsets=True)
    backend.decoder = decoders.ByteLevel()
    backend.train_from_iterator(
        SENTENCES, trainers.BpeTrainer(vocab_size=vocabulary, special_tokens=[END], show_progress=False))
    return GPT2TokenizerFast(tokenizer_object=backend, bos_token=END, eos_token=END, unk_token=END, pad_token=END)


def save_legacy(tokenizer, folder):
    """vocab.json, merges.txt and the small files beside them, as Transformers 4 wrote them."""
    tokenizer.backend_tokenizer.model.save(str(folder))
    special = {"bos_token": END, "eos_token": END, "unk_token": END, "pad_token": END}
    (folder / "special_tokens_map.json").write_text(json.dumps(special))
    (folder / "tokenizer_config.json").write_text(json.dumps(
        {"unk_token": END, "bos_token": END, "eos_token": END, "add_prefix_space": False,
         "model_max_length": 1024, "tokenizer_class": "GPT2Tokenizer"}))
