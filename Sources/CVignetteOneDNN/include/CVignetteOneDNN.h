/// The one seam to oneDNN: matrix products and element-wise functions on strided memory.
///
/// Every function returns 0, or -1 after leaving a message for `onednn_last_error`. Nothing here
/// allocates for the caller but descriptions. Primitives are cached per thread.
/// Builds against oneDNN 2.6 and 3.x.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { ONEDNN_MAX_RANK = 4 };

typedef enum { ONEDNN_F32 = 0, ONEDNN_BF16 = 1 } onednn_type;

typedef enum {
  ONEDNN_IDENTITY = 0,
  ONEDNN_GELU_ERF,
  ONEDNN_GELU_TANH,
  ONEDNN_RELU,
  ONEDNN_SWISH,
  ONEDNN_TANH,
  ONEDNN_LOGISTIC,
  ONEDNN_QUICK_GELU,
} onednn_function;

/// A matrix or a batch of matrices in memory; strides count elements.
typedef struct {
  void *data;
  onednn_type type;
  int32_t rank;
  int64_t dims[ONEDNN_MAX_RANK];
  int64_t strides[ONEDNN_MAX_RANK];
} onednn_array;

/// A constant right-hand matrix in the blocked layout that oneDNN multiplies fastest.
typedef struct onednn_packed onednn_packed;

/// `output = function(scale · left × right + bias) + residual (+ output, when accumulating)`
///
/// `right` is a matrix [K, N] (or a batch of them); `packed`, when given, replaces it. `bias` [N] is
/// f32 and `residual` has the output's shape; both may be null.
typedef struct {
  onednn_array left;
  onednn_array right;
  const onednn_packed *packed;
  const float *bias;
  const onednn_array *residual;
  onednn_array output;
  onednn_function function;
  float scale;
  bool accumulate;
} onednn_matmul_call;

int onednn_matmul(const onednn_matmul_call *call);

/// The blocked layout of a matrix [K, N] in `type` for products with about `rows` rows on the left, still without
/// elements. Null on failure.
onednn_packed *onednn_packed_new(int64_t k, int64_t n, onednn_type type, int64_t rows);
void onednn_packed_free(onednn_packed *packed);

/// How many bytes its elements take.
size_t onednn_packed_size(const onednn_packed *packed);

/// Copies a matrix [K, N] of any strides into `data`, which has `onednn_packed_size` bytes and lives as long as
/// `packed`, converting its elements.
int onednn_pack(onednn_packed *packed, const onednn_array *matrix, void *data);

/// `output[i] = function(input[i])` on `count` contiguous elements of `type`.
int onednn_apply(onednn_function function, onednn_type type, int64_t count, const void *input, void *output);

/// `gradient_in[i] = function'(input[i]) · gradient_out[i]`; the two gradients may be the same memory.
int onednn_apply_backward(onednn_function function, onednn_type type, int64_t count, const void *input,
                          const void *gradient_out, void *gradient_in);

/// Whether this processor has kernels for bfloat16 products.
bool onednn_supports_bf16(void);

/// The name of the implementation that a product would use, such as "brg:avx512_core"; for
/// benchmarks. Null on failure.
const char *onednn_matmul_implementation(const onednn_matmul_call *call);

/// Version of the library linked, such as "2.6.3".
const char *onednn_version_text(void);

/// What went wrong in this thread's last failed call.
const char *onednn_last_error(void);

#ifdef __cplusplus
}
#endif
