"""trainer_state.json as Transformers writes it in the course of a run, with floats that are hard to spell."""
import support.quiet  # noqa: F401
from transformers import EarlyStoppingCallback, TrainerControl, TrainerState

HARD = [float("nan"), float("inf"), float("-inf"), 0.1 + 0.2, 5e-324, 1.7976931348623157e308, 1e16, 9007199254740993.0,
        123456789012345680.0, 1e-05, 0.0001, 5e-05, -0.0, 100.0, 2.5, 3.4028234663852886e38]


def make(folder):
    stopping = EarlyStoppingCallback(early_stopping_patience=3, early_stopping_threshold=0.01)
    stopping.early_stopping_patience_counter = 2
    state = TrainerState(
        epoch=1.5, global_step=30, max_steps=60, logging_steps=10, eval_steps=500, save_steps=500,
        train_batch_size=4, num_train_epochs=3, total_flos=1.25e15, best_metric=2.0625, best_global_step=20,
        best_model_checkpoint="out/für Élise/checkpoint-20",
        stateful_callbacks=[stopping, TrainerControl(should_save=True)])
    state.log_history = [
        {"loss": 10.312999725341797, "grad_norm": 7.254631519317627, "learning_rate": 5e-05, "epoch": 0.5, "step": 10},
        {"loss": 2.0, "grad_norm": float("inf"), "learning_rate": 3.3333333333333335e-05, "epoch": 1.0, "step": 20},
        {"eval_loss": 2.0625, "eval_rouge1": 23.1542, "eval_rouge2": 4.0, "eval_rougeL": 21.0001,
         "eval_rougeLsum": 21.0203, "eval_gen_len": 11.2955, "eval_runtime": 12.3457, "eval_samples_per_second": 8.1,
         "eval_steps_per_second": 2.025, "epoch": 1.0, "step": 20},
        *({"loss": value, "epoch": 1.5, "step": 30} for value in HARD),
        {"train_runtime": 100.1235, "train_samples_per_second": 2.397, "train_steps_per_second": 0.599,
         "total_flos": 1.25e15, "train_loss": 5.0, "epoch": 1.5, "step": 30},
    ]
    state.save_to_json(folder / "trainer_state.json")
    TrainerState(epoch=0.0, total_flos=0.0).save_to_json(folder / "new_trainer_state.json")
