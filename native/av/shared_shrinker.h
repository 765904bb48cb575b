// RgbShrinkers that a thread's readers share: making one costs as much as using it.
#pragma once

#include <cstdint>

#include "rgb_shrinker.h"

namespace fp::av {

/// Belongs to the thread, until it asks for another. nullptr where swscale itself has to do it: for what RgbShrinker
/// cannot, and where on a picture of noise of this size it did not have the pixels of the swscale that is there.
RgbShrinker* shared_shrinker(int width, int height, int to_width, int to_height, int color_space);

/// How often pixels were compared with swscale's: once for a size and a process, however many threads ask.
int64_t shrinker_comparisons();

}  // namespace fp::av
