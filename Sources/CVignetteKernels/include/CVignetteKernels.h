/// The few loops that oneDNN has no primitive for, each compiled for AVX-512, AVX2 and the baseline
/// and chosen when the program starts.
///
/// A kernel works on the rows [begin, end) that it is given, on the calling thread; who calls it spreads rows over
/// threads. Where it takes a `kernels_type`, that is the type of the elements behind `void *`; `float *` is always
/// f32. B, T, C, ... in comments are sizes: R rows, C columns, S attended positions, D head size, V vocabulary.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The type of elements in memory; bf16 is the upper half of an f32.
typedef enum { KERNELS_F32 = 0, KERNELS_BF16 = 1 } kernels_type;

// MARK: Conversion

/// The same values as another type, rounded to nearest, ties to even.
void kernels_convert(kernels_type from, const void *input, kernels_type to, void *output, int64_t count);

// MARK: Arithmetic

/// output = a + b
void kernels_add(kernels_type type, int64_t count, const void *a, const void *b, void *output);
/// output = a ⊙ b
void kernels_multiply(kernels_type type, int64_t count, const void *a, const void *b, void *output);
/// output = scale · a
void kernels_scale(int64_t count, float scale, const float *a, float *output);
/// output += scale · a
void kernels_add_scaled(int64_t count, float scale, const float *a, float *output);
/// output = a ⊙ scale for each row of C columns.
void kernels_scale_columns(int64_t rows, int64_t columns, const float *scale, const float *a, float *output);
/// output[i] = table[indices[i]] + mask[i]; `mask` may be null.
void kernels_gather(int64_t count, const float *table, const int32_t *indices, const float *mask, float *output);
/// table[indices[i]] += values[i]
void kernels_scatter_add(int64_t count, const float *values, const int32_t *indices, float *table);
/// Sum of squares, accumulated in double precision.
double kernels_sum_of_squares(int64_t count, const float *values);
/// sums[c] += Σ_r values[r, c] over the given rows of C columns, whose rows lie `stride` apart.
void kernels_column_sums(kernels_type type, int64_t rows, int64_t columns, int64_t stride, const void *values,
                         float *sums);
/// sums[c] += Σ_r a[r, c] · b[r, c], the rows of both `stride` apart.
void kernels_product_column_sums(int64_t rows, int64_t columns, int64_t stride, const float *a, const float *b,
                                 float *sums);

// MARK: Softmax over attention scores

/// Rows of scores [R, S], R = batch × heads × T, and what is done with them: softmax(scale · score + bias), where
/// row r may see the first `offset` + 1 + (r mod T) positions if `causal`, else all S.
typedef struct {
  int64_t columns;      // S
  int64_t tokens;       // T, the rows of one head
  int64_t heads;        // H
  float scale;
  bool causal;
  int64_t offset;       // cached positions before the first row, when causal
  const float *bias;    // [groups, H, T, S] or null
  int64_t bias_groups;  // the batch is cut into this many kinds, b mod groups
} kernels_softmax_shape;

/// Probabilities of `type`; the scores are lost, and may be the probabilities' own memory. Positions that a row may
/// not see get 0.
void kernels_softmax(kernels_type type, const kernels_softmax_shape *shape, int64_t begin, int64_t end,
                     float *scores, void *probabilities);
/// From dL/dp to dL/d(q·k), the scale included: scale · p (dp − Σ p dp).
void kernels_softmax_backward(kernels_type type, const kernels_softmax_shape *shape, int64_t begin, int64_t end,
                              const void *probabilities, const float *gradient_out, void *gradient_in);

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

/// `scratch` has room for S + D numbers.
void kernels_attend(kernels_type type, const kernels_cache *cache, const void *query, const void *keys,
                    const void *values, float *scratch, void *output);

// MARK: Layer normalisation

/// y = (x − mean) / √(var + ε) · γ + β over rows of C, y of `type`. `statistics` [R, 2] receives mean and
/// 1/√(var + ε) and may be null.
void kernels_layer_norm(kernels_type type, int64_t columns, int64_t begin, int64_t end, const float *x,
                        const float *gamma, const float *beta, float epsilon, void *y, float *statistics);
/// dx [R, C] (added to when `accumulate`; may be null) from dy of `type`; dγ and dβ [C] are added to.
void kernels_layer_norm_backward(kernels_type type, int64_t columns, int64_t begin, int64_t end, const float *x,
                                 const float *gamma, const float *statistics, const void *gradient_out,
                                 bool accumulate, float *gradient_in, float *gradient_gamma,
                                 float *gradient_beta);

// MARK: Heads of queries and keys

/// Rotary positions: rows [R, H·D], R = batch × T, of which the last `rotated` of each T turn in every head the pairs
/// (x[i], x[i + D/2]) by angles of their own, or back; the others are copied.
typedef struct {
  int64_t tokens;        // T
  int64_t rotated;
  int64_t heads;         // H
  int64_t head_size;     // D
  const float *cosines;  // [rotated, D/2]
  const float *sines;
  bool back;
} kernels_rotation;

void kernels_rotate(kernels_type type, const kernels_rotation *rotation, int64_t begin, int64_t end, const void *x,
                    void *y);

/// y = s · x / ‖x‖ for each head of rows of H·D, s = `scales`[h], or 1 where that is null.
void kernels_unit_heads(kernels_type type, int64_t heads, int64_t head_size, int64_t begin, int64_t end,
                        const float *scales, const void *x, void *y);
/// dx, and ds [H], which is added to and may be null.
void kernels_unit_heads_backward(kernels_type type, int64_t heads, int64_t head_size, int64_t begin, int64_t end,
                                 const float *scales, const void *x, const void *gradient_out, void *gradient_in,
                                 float *gradient_scales);

// MARK: Cross-entropy

/// For rows of logits [R, V] with a label each: losses[r] = −log softmax(logits)[label], smoothed by
/// ε: (1 − ε)·nll + ε·mean over V; 0 where the label is negative. `normalisers[r]` = log Σ exp.
void kernels_cross_entropy(int64_t columns, int64_t begin, int64_t end, const float *logits,
                           const int32_t *labels, float smoothing, float *losses, float *normalisers);
/// dlogits = weight · (softmax − target); `gradient` may be the logits' own memory.
void kernels_cross_entropy_backward(int64_t columns, int64_t begin, int64_t end, const float *logits,
                                    const int32_t *labels, const float *normalisers, float smoothing, float weight,
                                    float *gradient);

// MARK: Optimiser

/// One step of AdamW (Loshchilov and Hutter, 2019), as PyTorch computes it.
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

/// The approximation of GELU by tanh, and gradient_in = its derivative at the input · gradient_out. oneDNN's takes
/// four times as long.
void kernels_gelu_tanh(kernels_type type, int64_t count, const void *input, void *output);
void kernels_gelu_tanh_backward(kernels_type type, int64_t count, const void *input, const void *gradient_out,
                                void *gradient_in);

// MARK: Dropout

/// output = input · mask / (1 − p) on the elements [begin, end), where the mask is a pure function of
/// `seed` and the element's index, so that the backward pass makes it again.
void kernels_dropout(kernels_type type, int64_t begin, int64_t end, uint64_t seed, float probability,
                     const void *input, void *output);

#ifdef __cplusplus
}
#endif
