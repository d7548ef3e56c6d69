"""Small random encoders, most on pictures of another size than theirs: hidden states, and gradients through the
positions that were interpolated. Each folder holds a plain encoder as Transformers saves it, and `expected.safetensors`."""
import support.quiet  # noqa: F401
import torch
from support import reference
from transformers import (BeitConfig, BeitModel, CLIPVisionConfig, CLIPVisionModel, Data2VecVisionConfig,
                          Data2VecVisionModel, DeiTConfig, DeiTModel, Dinov2Config, Dinov2Model,
                          Dinov2WithRegistersConfig, Dinov2WithRegistersModel, DINOv3ViTConfig, DINOv3ViTModel,
                          SiglipVisionConfig, SiglipVisionModel, SwinConfig, SwinModel, Swinv2Config, Swinv2Model,
                          ViTMAEConfig, ViTMAEModel, ViTMSNConfig, ViTMSNModel)

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
    "dinov2-swiglu": (Dinov2Model, Dinov2Config(**WITHOUT_RATIO, use_swiglu_ffn=True), (12, 12)),
    "dinov2-with-registers": (Dinov2WithRegistersModel, Dinov2WithRegistersConfig(
        **WITHOUT_RATIO | {"num_hidden_layers": 2}), (12, 12)),
    # Fewer rows than positions and more columns: positions are interpolated with anti-aliasing.
    "dinov2-with-registers-resized": (Dinov2WithRegistersModel, Dinov2WithRegistersConfig(
        **WITHOUT_RATIO | {"image_size": 20}, num_register_tokens=3, use_swiglu_ffn=True, mlp_ratio=2,
        layer_norm_eps=1e-3, qkv_bias=False, layerscale_value=0.5), (8, 28)),
    "dinov3": (DINOv3ViTModel, DINOv3ViTConfig(**SMALL | {"num_hidden_layers": 2, "hidden_size": 16}), (12, 12)),
    "dinov3-resized": (DINOv3ViTModel, DINOv3ViTConfig(
        **SMALL, num_register_tokens=3, use_gated_mlp=True, hidden_act="gelu_pytorch_tanh", layer_norm_eps=1e-3,
        rope_theta=50.0, query_bias=False, key_bias=True, value_bias=False, proj_bias=False, mlp_bias=False,
        layerscale_value=0.5, num_channels=2), (20, 16)),
    # Windows of 4 that shift, then one that fills the map.
    "swinv2": (Swinv2Model, Swinv2Config(embed_dim=4, depths=[2, 1], num_heads=[1, 2], window_size=4, image_size=16,
                                         patch_size=2, drop_path_rate=0.0), (16, 16)),
    # Windows that a map is no multiple of, and that shrink with it; distances measured by other windows.
    "swinv2-resized": (Swinv2Model, Swinv2Config(
        embed_dim=4, depths=[2, 1], num_heads=[2, 1], window_size=4, image_size=[12, 20], patch_size=2,
        pretrained_window_sizes=[3, 2], qkv_bias=False, mlp_ratio=1.5, hidden_act="relu", layer_norm_eps=1e-3,
        drop_path_rate=0.0), (17, 22)),
    "vit-mae": (ViTMAEModel, ViTMAEConfig(**SMALL | {"num_hidden_layers": 2}), (12, 12)),
    "vit-mae-resized": (ViTMAEModel, ViTMAEConfig(**SMALL, qkv_bias=False, hidden_act="relu", layer_norm_eps=1e-3),
                        (20, 16)),
}
# These always take images of any size, and have no such argument.
ANY_SIZE = (Dinov2Model, Dinov2WithRegistersModel, DINOv3ViTModel)


def encode(model, pixel_values):
    """Hidden states; a masked autoencoder's are those of all patches, in order."""
    if isinstance(model, ANY_SIZE):
        return model(pixel_values).last_hidden_state
    if not isinstance(model, ViTMAEModel):
        return model(pixel_values, interpolate_pos_encoding=True).last_hidden_state
    ratio, model.config.mask_ratio = model.config.mask_ratio, 0.0
    patches = pixel_values[0, 0].numel() // model.config.patch_size**2
    order = torch.arange(patches).expand(len(pixel_values), patches)
    hidden = model(pixel_values, noise=order, interpolate_pos_encoding=True).last_hidden_state
    model.config.mask_ratio = ratio
    return hidden


def exceed_largest_scale(model):
    """A logarithm beyond the one at which SwinV2 stops to sharpen attention."""
    with torch.no_grad():
        model.encoder.layers[0].blocks[0].attention.self.logit_scale[0] = 5.0


def make(folder):
    for seed, (name, (model_type, config, (height, width))) in enumerate(CASES.items()):
        torch.manual_seed(seed)
        model = reference.untame(model_type(config), seed)
        pixel_values = reference.pictures(2, config.num_channels, height, width, seed=seed)
        if name == "swinv2-resized":
            exceed_largest_scale(model)
        hidden = encode(model, pixel_values)
        weights = torch.randn(hidden.shape)
        (hidden * weights).sum().backward()
        model.save_pretrained(folder / name)
        reference.save_tensors({
            "pixel_values": pixel_values,
            "encoder_hidden": hidden.detach(),
            "weights": weights,
            **reference.gradients(model),
        }, folder / name / "expected.safetensors")
