/// The few loops that oneDNN has no primitive for, each compiled for AVX-512, AVX2 and the baseline
/// and chosen when the program starts.
///
/// A kernel works on the rows [begin, end) that it is given, on the calling thread;
/// `kernels_parallel` spreads rows over threads. `bf16` is the upper half of an f32. B, T, C, ... in
/// comments are sizes: R rows, C columns, S attended positions, D head size, V vocabulary.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint16_t bf16;

// MARK: Threads

/// Calls `body(context, begin, end)` on disjoint ranges that cover [0, count), none (but the last)
/// shorter than `grain`, on the threads that oneDNN computes with.
void kernels_parallel(int64_t count, int64_t grain, void (*body)(void *context, int64_t begin, int64_t end),
                      void *context);

/// Sets how many threads the calling thread's parallel work, oneDNN's included, may use.
void kernels_set_threads(int threads);

/// How many ranges `kernels_parallel` cuts `count` into.
int64_t kernels_parallel_ranges(int64_t count, int64_t grain);

// MARK: Conversion

void kernels_bf16_from_f32(int64_t count, const float *input, bf16 *output);
void kernels_f32_from_bf16(int64_t count, const bf16 *input, float *output);
void kernels_f32_from_f16(int64_t count, const uint16_t *input, float *output);

// MARK: Arithmetic

/// output = a + b
void kernels_add_f32(int64_t count, const float *a, const float *b, float *output);
void kernels_add_bf16(int64_t count, const bf16 *a, const bf16 *b, bf16 *output);
/// output = scale · a
void kernels_scale_f32(int64_t count, float scale, const float *a, float *output);
/// output += scale · a
void kernels_add_scaled_f32(int64_t count, float scale, const float *a, float *output);
/// output = a ⊙ scale for each row of C columns.
void kernels_scale_columns_f32(int64_t rows, int64_t columns, const float *scale, const float *a, float *output);
/// output[i] = table[indices[i]] + mask[i]; `mask` may be null.
void kernels_gather_f32(int64_t count, const float *table, const int32_t *indices, const float *mask, float *output);
/// table[indices[i]] += values[i]
void kernels_scatter_add_f32(int64_t count, const float *values, const int32_t *indices, float *table);
/// Sum of squares, accumulated in double precision.
double kernels_sum_of_squares(int64_t count, const float *values);
/// sums[c] += Σ_r values[r, c] over the given rows of C columns, whose rows lie `stride` apart.
void kernels_column_sums_f32(int64_t rows, int64_t columns, int64_t stride, const float *values, float *sums);
void kernels_column_sums_bf16(int64_t rows, int64_t columns, int64_t stride, const bf16 *values, float *sums);
/// sums[c] += Σ_r a[r, c] · b[r, c], the rows of both `stride` apart.
void kernels_product_column_sums_f32(int64_t rows, int64_t columns, int64_t stride, const float *a, const float *b,
                                     float *sums);

// MARK: Softmax over attention scores

/// Probabilities of rows of scores [R, S], R = batch × heads × T, which are lost: softmax(scale · score + bias), where
/// row r may see the first `visible` + (r mod T) positions if `causal`, else all S. Positions that it
/// may not see get 0. `bias` [S] per row, `bias_row[r]` its start (both may be null).
typedef struct {
  int64_t columns;      // S
  int64_t tokens;       // T, the rows of one head
  int64_t heads;        // H
  float scale;
  bool causal;
  int64_t offset;       // cached positions before the first row, when causal
  const float *bias;    // [groups, H, T, S] or null
  int64_t bias_groups;  // the batch is cut into this many kinds, b mod groups
} kernels_softmax;

void kernels_softmax_f32(const kernels_softmax *shape, int64_t begin, int64_t end, float *scores,
                         float *probabilities);
void kernels_softmax_bf16(const kernels_softmax *shape, int64_t begin, int64_t end, float *scores,
                          bf16 *probabilities);
/// From dL/dp to dL/d(q·k), the scale included: scale · p (dp − Σ p dp). With `bias_gradient`, the same
/// without scale is added there (rows must then come one batch entry at a time).
void kernels_softmax_backward_f32(const kernels_softmax *shape, int64_t begin, int64_t end,
                                  const float *probabilities, const float *gradient_out, float *gradient_in);
void kernels_softmax_backward_bf16(const kernels_softmax *shape, int64_t begin, int64_t end,
                                   const bf16 *probabilities, const float *gradient_out, bf16 *gradient_in);

// MARK: Attention of one new token over a cache

/// out[d] = Σ_s softmax_s(scale · q·k_s) v_s for one row and one head of size D over S positions.
/// Position s stands at row `rows[s · rows_step]` of the cache, so beams share what they have in common.
typedef struct {
  int64_t positions;    // S
  int64_t head_size;    // D
  int64_t row_pitch;    // elements between rows of the cache
  int64_t token_pitch;  // elements between positions of a row
  const int32_t *rows;
  int64_t rows_step;    // 0: one row for all positions
  float scale;
} kernels_cache;

void kernels_attend_f32(const kernels_cache *cache, const float *query, const float *keys, const float *values,
                        float *scratch, float *output);
void kernels_attend_bf16(const kernels_cache *cache, const bf16 *query, const bf16 *keys, const bf16 *values,
                         float *scratch, bf16 *output);

// MARK: Layer normalisation

/// y = (x − mean) / √(var + ε) · γ + β over rows of C. `statistics` [R, 2] receives mean and 1/√(var + ε)
/// and may be null.
void kernels_layer_norm_f32(int64_t columns, int64_t begin, int64_t end, const float *x, const float *gamma,
                            const float *beta, float epsilon, float *y, float *statistics);
void kernels_layer_norm_bf16(int64_t columns, int64_t begin, int64_t end, const float *x, const float *gamma,
                             const float *beta, float epsilon, bf16 *y, float *statistics);
/// dx [R, C] (added to when `accumulate`; may be null); dγ and dβ [C] are added to.
void kernels_layer_norm_backward_f32(int64_t columns, int64_t begin, int64_t end, const float *x,
                                     const float *gamma, const float *statistics, const float *gradient_out,
                                     bool accumulate, float *gradient_in, float *gradient_gamma,
                                     float *gradient_beta);
void kernels_layer_norm_backward_bf16(int64_t columns, int64_t begin, int64_t end, const float *x,
                                      const float *gamma, const float *statistics, const bf16 *gradient_out,
                                      bool accumulate, float *gradient_in, float *gradient_gamma,
                                      float *gradient_beta);

// MARK: Cross-entropy

/// For rows of logits [R, V] with a label each: losses[r] = −log softmax(logits)[label], smoothed by
/// ε: (1 − ε)·nll + ε·mean over V; 0 where the label is negative. `normalisers[r]` = log Σ exp.
void kernels_cross_entropy(int64_t columns, int64_t begin, int64_t end, const float *logits,
                           const int32_t *labels, float smoothing, float *losses, float *normalisers);
/// dlogits = weight · (softmax − target); `gradient` may be the logits' own memory.
void kernels_cross_entropy_backward_f32(int64_t columns, int64_t begin, int64_t end, const float *logits,
                                        const int32_t *labels, const float *normalisers, float smoothing,
                                        float weight, float *gradient);
void kernels_cross_entropy_backward_bf16(int64_t columns, int64_t begin, int64_t end, const float *logits,
                                         const int32_t *labels, const float *normalisers, float smoothing,
                                         float weight, bf16 *gradient);

// MARK: Optimiser

/// One step of AdamW (Loshchilov and Hutter, 2019) on `count` elements, as PyTorch computes it.
typedef struct {
  float learning_rate;
  float beta1;
  float beta2;
  float epsilon;
  float weight_decay;
  float gradient_scale;  // what gradients are multiplied by first, to clip their norm
  float correction1;     // 1 − β₁ᵗ
  float correction2;     // √(1 − β₂ᵗ)
} kernels_adamw_step;

void kernels_adamw(const kernels_adamw_step *step, int64_t begin, int64_t end, const float *gradient,
                   float *first_moment, float *second_moment, float *value);

// MARK: GELU

/// The approximation of GELU by tanh, and gradient_in = its derivative at the input · gradient_out. oneDNN's takes four
/// times as long.
void kernels_gelu_tanh_f32(int64_t count, const float *input, float *output);
void kernels_gelu_tanh_bf16(int64_t count, const bf16 *input, bf16 *output);
void kernels_gelu_tanh_backward_f32(int64_t count, const float *input, const float *gradient_out, float *gradient_in);
void kernels_gelu_tanh_backward_bf16(int64_t count, const bf16 *input, const bf16 *gradient_out, bf16 *gradient_in);

// MARK: Dropout

/// output = input · mask / (1 − p) on the elements [begin, end), where the mask is a pure function of
/// `seed` and the element's place, so that the backward pass makes it again.
void kernels_dropout_f32(int64_t begin, int64_t end, uint64_t seed, float probability, const float *input,
                         float *output);
void kernels_dropout_bf16(int64_t begin, int64_t end, uint64_t seed, float probability, const bf16 *input,
                          bf16 *output);

#ifdef __cplusplus
}
#endif
