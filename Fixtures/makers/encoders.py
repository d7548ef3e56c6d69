"""Small random encoders, most on pictures of another size than theirs: hidden states, and gradients through the
positions that were interpolated. Each folder holds a plain encoder as Transformers saves it, and `expected.safetensors`."""
import support.quiet  # noqa: F401
import torch
from support import reference
from transformers import (BeitConfig, BeitModel, CLIPVisionConfig, CLIPVisionModel, Data2VecVisionConfig,
                          Data2VecVisionModel, DeiTConfig, DeiTModel, Dinov2Config, Dinov2Model, SiglipVisionConfig,
                          SiglipVisionModel, SwinConfig, SwinModel, ViTMSNConfig, ViTMSNModel)

SMALL = {"hidden_size": 8, "num_attention_heads": 2, "intermediate_size": 12, "num_hidden_layers": 1,
         "image_size": 12, "patch_size": 4}
WITHOUT_RATIO = {key: value for key, value in SMALL.items() if key != "intermediate_size"}
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
    "clip": (CLIPVisionModel, CLIPVisionConfig(**SMALL | {"num_hidden_layers": 2}), (12, 12)),
    "clip-resized": (CLIPVisionModel, CLIPVisionConfig(**SMALL, hidden_act="gelu", layer_norm_eps=1e-3, num_channels=2),
                     (20, 16)),
    "siglip": (SiglipVisionModel, SiglipVisionConfig(**SMALL | {"num_hidden_layers": 2}), (12, 12)),
    "siglip-resized": (SiglipVisionModel, SiglipVisionConfig(**SMALL, hidden_act="quick_gelu", layer_norm_eps=1e-3,
                                                             vision_use_head=False), (20, 16)),
    "dinov2": (Dinov2Model, Dinov2Config(**WITHOUT_RATIO | {"num_hidden_layers": 2}), (12, 12)),
    "dinov2-resized": (Dinov2Model, Dinov2Config(**WITHOUT_RATIO, mlp_ratio=2, hidden_act="relu", layer_norm_eps=1e-3,
                                                 qkv_bias=False, layerscale_value=0.5, use_mask_token=False), (20, 16)),
    "vit-msn": (ViTMSNModel, ViTMSNConfig(**SMALL, qkv_bias=False), (20, 16)),
    "data2vec-vision": (Data2VecVisionModel, Data2VecVisionConfig(**SMALL, use_relative_position_bias=True,
                                                                  drop_path_rate=0.0), (12, 12)),
    "data2vec-vision-shared": (Data2VecVisionModel, Data2VecVisionConfig(
        **SMALL, use_shared_relative_position_bias=True, use_absolute_position_embeddings=True, use_mean_pooling=False,
        drop_path_rate=0.0), (20, 16)),
}
# These always take images of any size, and have no such argument.
ANY_SIZE = (Dinov2Model,)


def make(folder):
    for seed, (name, (model_type, config, (height, width))) in enumerate(CASES.items()):
        torch.manual_seed(seed)
        model = reference.untame(model_type(config), seed)
        pixel_values = reference.pictures(2, config.num_channels, height, width, seed=seed)
        options = {} if model_type in ANY_SIZE else {"interpolate_pos_encoding": True}
        hidden = model(pixel_values, **options).last_hidden_state
        weights = torch.randn(hidden.shape)
        (hidden * weights).sum().backward()
        model.save_pretrained(folder / name)
        reference.save_tensors({
            "pixel_values": pixel_values,
            "encoder_hidden": hidden.detach(),
            "weights": weights,
            **reference.gradients(model),
        }, folder / name / "expected.safetensors")
