#include "Vector.h"

KERNEL void kernels_adamw(const kernels_adamw_step *step, int64_t begin, int64_t end, const float *gradient,
                          float *first_moment, float *second_moment, float *value) {
  const float beta1 = step->beta1, beta2 = step->beta2, epsilon = step->epsilon;
  const float shrink = 1 - step->learning_rate * step->weight_decay;
  const float rate = step->learning_rate / step->correction1;
  const float correction2 = step->correction2, scale = step->gradient_scale;
  for (int64_t i = begin; i < end; i++) {
    const float g = scale * gradient[i];
    const float m = beta1 * first_moment[i] + (1 - beta1) * g;
    const float v = beta2 * second_moment[i] + (1 - beta2) * g * g;
    first_moment[i] = m;
    second_moment[i] = v;
    // sqrtf may set errno, which would keep the loop from being vectorised.
    value[i] = shrink * value[i] - rate * m / (__builtin_elementwise_sqrt(v) / correction2 + epsilon);
  }
}
