#pragma once

#include <dnnl.hpp>

#include <cstring>
#include <list>
#include <string>
#include <unordered_map>

#include "CVignetteOneDNN.h"
#include "CVignetteThreads.h"

namespace seam {

#if DNNL_VERSION_MAJOR >= 3
constexpr bool version3 = true;
#else
constexpr bool version3 = false;
#endif

/// Stands in each function that calls oneDNN, for as long as it does.
class Inside {
 public:
  Inside() { threads_enter(); }
  ~Inside() { threads_leave(); }
  Inside(const Inside &) = delete;
  Inside &operator=(const Inside &) = delete;
};

dnnl::engine &engine();
dnnl::stream &stream();

/// Leaves `message` for `onednn_last_error`.
int fail(const std::string &message);

inline dnnl::memory::data_type data_type(onednn_type type) {
  return type == ONEDNN_BF16 ? dnnl::memory::data_type::bf16 : dnnl::memory::data_type::f32;
}

dnnl::memory::desc descriptor(const onednn_array &array);

/// oneDNN's name and two parameters for a function.
struct Function {
  dnnl::algorithm algorithm;
  float alpha;
  float beta;
};
Function function(onednn_function function);

/// The bytes that tell one primitive from another. A primitive is made for a number of threads and runs on no others.
class Key {
 public:
  Key() { add(threads_count()); }
  template <typename Value>
  void add(const Value &value) {
    bytes_.append(reinterpret_cast<const char *>(&value), sizeof value);
  }
  void add(const onednn_array &array) {
    add(array.type);
    add(array.rank);
    bytes_.append(reinterpret_cast<const char *>(array.dims), sizeof(int64_t) * array.rank);
    bytes_.append(reinterpret_cast<const char *>(array.strides), sizeof(int64_t) * array.rank);
  }
  const std::string &bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// The most recently used primitives; shapes that vary (captions' lengths) push out the oldest.
template <typename Value>
class Cache {
 public:
  Value *find(const Key &key) {
    auto found = index_.find(key.bytes());
    if (found == index_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->second;
  }
  Value &insert(const Key &key, Value value) {
    if (entries_.size() >= capacity) {
      index_.erase(entries_.back().first);
      entries_.pop_back();
    }
    entries_.emplace_front(key.bytes(), std::move(value));
    index_[key.bytes()] = entries_.begin();
    return entries_.front().second;
  }

 private:
  static constexpr size_t capacity = 1024;
  std::list<std::pair<std::string, Value>> entries_;
  std::unordered_map<std::string, typename std::list<std::pair<std::string, Value>>::iterator> index_;
};

}  // namespace seam

struct onednn_packed {
  dnnl::memory::desc descriptor;
  int64_t rows;     // K
  int64_t columns;  // N
  void *data;       // the caller's
};
