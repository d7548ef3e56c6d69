"""Small random encoders on pictures of another size than theirs: hidden states, and gradients through the positions
that were interpolated. Each folder holds a plain encoder as Transformers saves it, and `expected.safetensors`."""
import support.quiet  # noqa: F401
import torch
from support import reference
from transformers import BeitConfig, BeitModel, DeiTConfig, DeiTModel, SwinConfig, SwinModel

SMALL = {"hidden_size": 8, "num_attention_heads": 2, "intermediate_size": 12, "num_hidden_layers": 1,
         "image_size": 12, "patch_size": 4}
CASES = {
    "deit": (DeiTModel, DeiTConfig(**SMALL), (20, 16)),
    "beit-absolute": (BeitModel, BeitConfig(**SMALL, use_absolute_position_embeddings=True,
                                            use_relative_position_bias=True, drop_path_rate=0.0), (28, 16)),
    # More columns than rows: Transformers reads the table of relative positions as if they were exchanged.
    "beit-oblong": (BeitModel, BeitConfig(**SMALL | {"image_size": [8, 16]}, use_relative_position_bias=True,
                                          use_shared_relative_position_bias=True, drop_path_rate=0.0), (8, 16)),
    "beit-oblong-resized": (BeitModel, BeitConfig(**SMALL | {"image_size": [8, 16]}, use_mean_pooling=False,
                                                  use_shared_relative_position_bias=True, drop_path_rate=0.0), (20, 12)),
    "swin-absolute": (SwinModel, SwinConfig(embed_dim=4, depths=[2, 3], num_heads=[2, 1], window_size=2, image_size=16,
                                            patch_size=2, use_absolute_embeddings=True, drop_path_rate=0.0), (18, 22)),
}


def make(folder):
    for seed, (name, (model_type, config, (height, width))) in enumerate(CASES.items()):
        torch.manual_seed(seed)
        model = reference.untame(model_type(config), seed)
        pixel_values = reference.pictures(2, 3, height, width, seed=seed)
        hidden = model(pixel_values, interpolate_pos_encoding=True).last_hidden_state
        weights = torch.randn(hidden.shape)
        (hidden * weights).sum().backward()
        model.save_pretrained(folder / name)
        reference.save_tensors({
            "pixel_values": pixel_values,
            "encoder_hidden": hidden.detach(),
            "weights": weights,
            **reference.gradients(model),
        }, folder / name / "expected.safetensors")
