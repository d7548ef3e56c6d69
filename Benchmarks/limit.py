"""What no program can be faster than: the seconds that a row's products take at the pace of a large product, and its
weights and cached keys and values at the pace at which memory can be read.

Encoding is bound by products, a step of decoding by reading: it multiplies a few rows by every weight. What both leave
out (softmax, norms, choosing tokens) makes the limit one that can't quite be reached.
"""
import json


def read(config, *names):
    """The first of these names that the configuration has."""
    return next(config[name] for name in names if name in config)


class Encoder:
    """A plain vision transformer."""

    def __init__(self, config):
        self.width = config["hidden_size"]
        self.layers, self.inner = config["num_hidden_layers"], config["intermediate_size"]
        self.patch = config["patch_size"]
        self.positions = (config["image_size"] // self.patch) ** 2 + 1

    @property
    def operations(self):
        products = 2 * self.positions * (4 * self.width ** 2 + 2 * self.width * self.inner)
        attention = 4 * self.positions ** 2 * self.width
        patches = 2 * self.positions * self.width * 3 * self.patch ** 2
        return self.layers * (products + attention) + patches


class Decoder:
    """A transformer that attends to the image across, or has the image before the words in its own sequence."""

    def __init__(self, config, encoder, attends_across):
        self.width = read(config, "d_model", "n_embd", "hidden_size")
        self.layers = read(config, "decoder_layers", "n_layer", "num_hidden_layers")
        self.inner = next(
            (config[name] for name in ("decoder_ffn_dim", "n_inner", "intermediate_size") if config.get(name)),
            4 * self.width)
        self.vocabulary = config["vocab_size"]
        self.encoder, self.attends_across = encoder, attends_across

    @property
    def layer_weights(self):
        attentions = 4 + (2 if self.attends_across else 0)
        return self.layers * (attentions * self.width ** 2 + 2 * self.width * self.inner)

    @property
    def image_operations(self):
        """What is computed once for the image's positions."""
        positions = self.encoder.positions
        if self.attends_across:
            return self.layers * 4 * positions * self.encoder.width * self.width
        return 2 * positions * self.layer_weights + self.layers * 4 * positions ** 2 * self.width

    def step_values(self, batch):
        """Numbers that a step reads: each weight, and each image's keys and values, which all its beams share."""
        cached = self.layers * 2 * self.encoder.positions * self.width
        return self.layer_weights + self.vocabulary * self.width + batch * cached


def parts(folder):
    config = json.loads((folder / "config.json").read_text())
    if "vision_config" in config:
        encoder = Encoder(config["vision_config"])
        return encoder, Decoder(config.get("text_config", config), encoder, attends_across=config["model_type"] == "blip")
    encoder = Encoder(config["encoder"])
    return encoder, Decoder(config["decoder"], encoder, attends_across=True)


def seconds(folder, dtype, gflops, gigabytes, batch=1, tokens=0):
    """The limit of encoding `batch` images and generating `tokens` tokens for each; of encoding alone without tokens."""
    encoder, decoder = parts(folder)
    operations = encoder.operations + (decoder.image_operations if tokens else 0)
    read_bytes = tokens * decoder.step_values(batch) * (2 if dtype == "bfloat16" else 4)
    return batch * operations / gflops / 1e9 + read_bytes / gigabytes / 1e9
