"""Architectures of `transformers`, by their configurations: small, with random weights."""

import logging
from typing import Any

COMMON = {"vocab_size": 99, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4}
TEXT = COMMON | {"intermediate_size": 48, "max_position_embeddings": 64, "pad_token_id": 0}
GROUPED = TEXT | {"num_key_value_heads": 2, "head_dim": 8}
GPT = {"vocab_size": 99, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64}
T5 = {"vocab_size": 99, "d_model": 32, "d_kv": 8, "d_ff": 48, "num_layers": 2, "num_heads": 4}
BART = {"vocab_size": 99, "d_model": 32, "max_position_embeddings": 64, "pad_token_id": 0} | {
    f"{side}_{name}": size
    for side in ("encoder", "decoder")
    for name, size in (("layers", 2), ("attention_heads", 4), ("ffn_dim", 48))
}
IMAGE = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48}
VIT = IMAGE | {"image_size": 32, "patch_size": 8}
STAGES = {"hidden_sizes": [8, 16, 16, 16], "depths": [1, 1, 1, 1]}
WAVE = IMAGE | {"conv_dim": (8, 8, 8), "conv_stride": (5, 4, 4), "conv_kernel": (10, 4, 4)}
WAVE |= {"num_feat_extract_layers": 3, "num_conv_pos_embeddings": 8, "num_conv_pos_embedding_groups": 2}
SWIN = {"image_size": 32, "patch_size": 4, "embed_dim": 16, "depths": [1, 1], "num_heads": [2, 2], "window_size": 4}
TWO = {"text_config": TEXT | {"eos_token_id": 2}, "vision_config": VIT}
PERCEIVER = {"d_model": 32, "num_latents": 8, "d_latents": 16, "num_blocks": 1, "num_self_attends_per_block": 2}
PERCEIVER |= {"num_self_attention_heads": 2, "num_cross_attention_heads": 2}

MODELS: list[tuple[str, str, dict[str, Any]]] = [
    *((f"{name}Model", name, TEXT) for name in ("Bert", "Roberta", "Electra", "MPNet", "RemBert", "IBert", "FNet")),
    *((f"{name}ForMaskedLM", name, TEXT) for name in ("Bert", "Roberta")),
    ("AlbertForMaskedLM", "Albert", TEXT | {"embedding_size": 16}),
    ("DebertaV2Model", "DebertaV2", TEXT | {"relative_attention": True, "pos_att_type": "p2c|c2p"}),
    ("DistilBertForMaskedLM", "DistilBert", TEXT | {"dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 48}),
    ("GPT2LMHeadModel", "GPT2", GPT),
    ("GPTJForCausalLM", "GPTJ", GPT | {"rotary_dim": 4}),
    ("GPTNeoForCausalLM", "GPTNeo", TEXT | {"attention_types": [[["global", "local"], 1]], "num_layers": 2}),
    ("GPTNeoXForCausalLM", "GPTNeoX", TEXT),
    *((f"{name}ForCausalLM", name, GROUPED) for name in ("Llama", "Mistral", "Qwen2", "Gemma", "Gemma2", "Phi3")),
    ("PhiForCausalLM", "Phi", TEXT),
    ("MixtralForCausalLM", "Mixtral", GROUPED | {"num_local_experts": 4}),
    ("OPTForCausalLM", "OPT", TEXT | {"ffn_dim": 48, "word_embed_proj_dim": 16}),
    ("BloomForCausalLM", "Bloom", {"vocab_size": 99, "hidden_size": 32, "n_layer": 2, "n_head": 4}),
    ("FalconForCausalLM", "Falcon", TEXT),
    ("MambaForCausalLM", "Mamba", COMMON | {"state_size": 4}),
    ("RwkvForCausalLM", "Rwkv", COMMON | {"context_length": 64}),
    ("XLNetModel", "XLNet", {"vocab_size": 99, "d_model": 32, "n_layer": 2, "n_head": 4, "d_inner": 48}),
    ("T5ForConditionalGeneration", "T5", T5),
    *((f"{name}ForConditionalGeneration", name, BART) for name in ("Bart", "MBart", "Pegasus")),
    *((f"{name}Model", name, VIT) for name in ("ViT", "DeiT", "Beit", "Dinov2", "ViTMAE")),
    ("SwinForImageClassification", "Swin", SWIN),
    ("ConvNextForImageClassification", "ConvNext", {"hidden_sizes": [8, 16], "depths": [1, 1], "num_stages": 2}),
    ("ResNetForImageClassification", "ResNet", {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [2, 1]}),
    ("RegNetModel", "RegNet", STAGES | {"embedding_size": 8, "groups_width": 8}),
    (
        "SegformerForSemanticSegmentation",
        "Segformer",
        STAGES | {"num_attention_heads": [1, 2, 2, 2], "decoder_hidden_size": 16},
    ),
    ("MobileViTForImageClassification", "MobileViT", {"image_size": 128}),
    ("MobileNetV2Model", "MobileNetV2", {"image_size": 32, "depth_multiplier": 0.35}),
    ("CLIPModel", "CLIP", TWO | {"projection_dim": 16}),
    ("SiglipModel", "Siglip", TWO),
    ("BlipModel", "Blip", TWO),
    ("ViltModel", "Vilt", TEXT | VIT),
    (
        "LlavaForConditionalGeneration",
        "Llava",
        {
            "text_config": GROUPED | {"model_type": "llama"},
            "vision_config": VIT | {"model_type": "clip_vision_model"},
            "image_token_index": 98,
        },
    ),
    *((f"{name}Model", name, WAVE) for name in ("Wav2Vec2", "Hubert", "WavLM")),
    (
        "WhisperForConditionalGeneration",
        "Whisper",
        BART | {"num_mel_bins": 20, "max_source_positions": 30, "max_target_positions": 20},
    ),
    ("SpeechT5ForSpeechToText", "SpeechT5", WAVE | {key: size for key, size in BART.items() if "coder" in key}),
    ("PerceiverForMaskedLM", "Perceiver", PERCEIVER | {"vocab_size": 99, "max_position_embeddings": 64}),
]
FAULTS: list[tuple[str, str, dict[str, Any]]] = [
    (
        "BlipForConditionalGeneration",
        "Blip",
        TWO | {"text_config": TEXT | {"encoder_hidden_size": 32, "eos_token_id": 2}},
    ),
    ("SwiftFormerModel", "SwiftFormer", {"image_size": 64, "embed_dims": [16, 16, 32, 32], "depths": [1, 1, 1, 1]}),
    ("FunnelModel", "Funnel", {"vocab_size": 99, "block_sizes": [1, 1], "d_model": 32, "n_head": 4, "d_head": 8}),
    ("SEWModel", "SEW", WAVE),
    ("UniSpeechModel", "UniSpeech", WAVE),
    ("ChineseCLIPModel", "ChineseCLIP", TWO),
    ("EncodecModel", "Encodec", {"num_filters": 4, "hidden_size": 16, "codebook_size": 16, "codebook_dim": 16}),
    (
        "SuperPointForKeypointDetection",
        "SuperPoint",
        {"encoder_hidden_sizes": [8, 8, 16, 16], "decoder_hidden_size": 16, "descriptor_decoder_dim": 16},
    ),
]
"""More, of which a few are known to start with a fault."""


def build(name: str, config: str, sizes: dict[str, Any]) -> Any:
    """The model, drawn from torch's global generator."""
    import transformers

    logging.getLogger("transformers").setLevel(logging.ERROR)
    return getattr(transformers, name)(getattr(transformers, f"{config}Config")(**sizes))
