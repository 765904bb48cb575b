// The inner loops over a row of samples: split into channels, made floats, normalised, made halves. Written so that
// compilers make vector code of them, which gives the same bytes on every processor.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fp::av {

/// Interleaved samples of 3 or 4 channels to a row for each channel, `width` samples long.
void split_row(const uint8_t* from, size_t width, int channels, uint8_t* const* rows);
void split_row(const uint16_t* from, size_t width, int channels, uint16_t* const* rows);

/// value / 255 and value / 65535.
void floats_of(const uint8_t* from, size_t count, float* to);
void floats_of(const uint16_t* from, size_t count, float* to);

/// (value - mean) / deviation, in place, rounded after each of the two as PyTorch does.
void normalize_row(float* samples, size_t count, float mean, float deviation);
/// The same with a mean and a deviation for each sample.
void normalize_row(float* samples, size_t count, const float* mean, const float* deviation);

/// IEEE halves, rounded to the nearest, ties to even.
void halves_of(const float* from, size_t count, uint16_t* to);

}  // namespace fp::av
