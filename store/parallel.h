// SPDX-License-Identifier: Apache-2.0
//
// A few workers take items in order; the first error wins and stops the rest.
#pragma once

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace hallmark::store {

/// work(item, stop): runs in one of `workers` threads; should look at `stop` now and then and give up when it is set.
template <class Item, class Work>
void for_each_parallel(const std::vector<Item>& items, std::size_t workers, const Work& work) {
  std::atomic<std::size_t> next{0};
  std::atomic<bool> stop{false};
  std::exception_ptr first;
  std::mutex mutex;
  const auto take_items = [&] {
    for (std::size_t i = next++; i < items.size() && !stop; i = next++) {
      try {
        work(items[i], stop);
      } catch (...) {
        // Later errors are mostly those of being stopped. The first one says why.
        const std::lock_guard lock(mutex);
        if (first == nullptr) first = std::current_exception();
        stop = true;
      }
    }
  };
  // The block joins its threads: nothing that the work refers to goes while one of them is at it.
  {
    std::vector<std::jthread> threads;
    try {
      // From 1 on: the calling thread is a worker as well.
      for (std::size_t i = 1; i < std::min(workers, items.size()); ++i) threads.emplace_back(take_items);
    } catch (const std::system_error&) {
      // No more threads: with those that there are.
    }
    take_items();
  }
  if (first != nullptr) std::rethrow_exception(first);
}

}  // namespace hallmark::store
