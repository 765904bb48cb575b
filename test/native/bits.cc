// BitReader, BestEffort and the rows of a request.
#include <iterator>

#include "../../native/av/best_effort.h"
#include "../../native/av/bit_reader.h"
#include "../../native/av/row_sink.h"
#include "check.h"
#include "random.h"

namespace fp::test {

namespace {

using av::BitReader;

void plain_bits() {
  const uint8_t bytes[] = {0xa5, 0x0f, 0xff, 0x01};
  BitReader bits(bytes, sizeof bytes, false);
  CHECK_EQUAL(bits.bit(), 1U);
  CHECK_EQUAL(bits.bits(3), 2U);
  CHECK_EQUAL(bits.bits(0), 0U);
  CHECK_EQUAL(bits.bits(8), 0x50U);
  CHECK_EQUAL(bits.bits(20), 0xfff01U);
  CHECK(!bits.overrun());
  CHECK_EQUAL(bits.bits(5), 0U);
  CHECK(bits.overrun());
}

void emulation() {
  const uint8_t bytes[] = {0x00, 0x00, 0x03, 0x01, 0x00, 0x03, 0x00, 0x00, 0x00, 0x03};
  BitReader payload(bytes, sizeof bytes, true);
  CHECK_EQUAL(payload.bits(24), 1U);
  CHECK_EQUAL(payload.bits(32), 0x00030000U);
  CHECK_EQUAL(payload.bits(8), 0U);
  CHECK(!payload.overrun());
  CHECK_EQUAL(payload.bit(), 0U);
  CHECK(payload.overrun());
  BitReader raw(bytes, sizeof bytes, false);
  CHECK_EQUAL(raw.bits(32), 0x00000301U);
}

void golomb() {
  // 1 | 010 | 011 | 00100 | 00101 | 0001000 | 1 and filling
  const uint8_t bytes[] = {0xa6, 0x42, 0x84, 0x40};
  BitReader bits(bytes, sizeof bytes, false);
  for (uint32_t expected = 0; expected < 5; expected++) CHECK_EQUAL(bits.golomb(), expected);
  CHECK_EQUAL(bits.bits(3), 0U);
  BitReader plus_and_minus(bytes, sizeof bytes, false);
  for (const int32_t expected : {0, 1, -1, 2, -2}) CHECK_EQUAL(plus_and_minus.signed_golomb(), expected);

  const uint8_t largest[] = {0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfe, 0, 0};
  BitReader large(largest, sizeof largest, false);
  CHECK_EQUAL(large.golomb(), 0xfffffffeU);
  const uint8_t zeros[20] = {};
  BitReader endless(zeros, sizeof zeros, false);
  endless.golomb();
  endless.signed_golomb();
  BitReader nothing(nullptr, 0, true);
  CHECK_EQUAL(nothing.golomb(), 0U);
  CHECK(nothing.overrun());

  Random random(1);
  for (int i = 0; i < 2000; i++) {
    const auto noise = random.bytes(1 + random.below(12));
    BitReader bits_of_noise(noise.data(), noise.size(), i % 2 == 0);
    for (int reads = 0; reads < 40 && !bits_of_noise.overrun(); reads++) bits_of_noise.signed_golomb();
  }
}

void best_effort() {
  constexpr int64_t kNone = AV_NOPTS_VALUE;
  av::BestEffort orderly;
  CHECK_EQUAL(orderly.next(0, -2), 0);
  CHECK_EQUAL(orderly.next(1, -1), 1);
  CHECK_EQUAL(orderly.next(kNone, 4), 4);
  CHECK_EQUAL(orderly.next(6, kNone), 6);
  CHECK_EQUAL(orderly.next(kNone, kNone), kNone);
  // Presentation times that step back are left for decoding times that do not.
  av::BestEffort doubtful;
  CHECK_EQUAL(doubtful.next(10, 0), 10);
  CHECK_EQUAL(doubtful.next(5, 1), 1);
  CHECK_EQUAL(doubtful.next(20, 2), 2);
  // Where both step back equally often, presentation times win again.
  CHECK_EQUAL(doubtful.next(30, 2), 30);
}

void rows() {
  av::Converter converter;
  av::OutputSpec spec;
  const int32_t rows[] = {0, 1, 2, -1, INT32_MAX};
  uint8_t output[8] = {1, 1, 1, 1, 1, 1, 1, 1};
  spec.frame_bytes = 4;
  av::RowSink sink(converter, spec, {rows, std::size(rows), output, sizeof output});
  sink.skip(1);
  CHECK(output[3] == 1 && output[4] == 0 && output[7] == 0);
  sink.repeat(1);
  CHECK(output[4] == 1 && output[7] == 1);
  for (const size_t outside : {size_t{2}, size_t{3}, size_t{4}}) CHECK_ERROR("E_INTERNAL", sink.skip(outside));
  spec.frame_bytes = SIZE_MAX / 2;
  const av::RowSink::Rows outside{rows, std::size(rows), output, sizeof output};
  CHECK_ERROR("E_INTERNAL", av::RowSink(converter, spec, outside));
}

}  // namespace

void check_bits() {
  plain_bits();
  emulation();
  golomb();
  best_effort();
  rows();
}

}  // namespace fp::test
