// The Huffman tables that JPEG's scans are coded with.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <vector>

#include "span.h"

namespace fp::av {

class HuffmanTables {
 public:
  /// Each table's place: four for DC, four for AC.
  using Places = std::bitset<8>;
  /// ITU-T T.81, B.2.4.2: Tc in the upper four bits, Th in the lower.
  static size_t place(uint8_t class_and_number) { return (class_and_number >> 4 & 1) << 2 | (class_and_number & 3); }

  /// Those of T.81, K.3, which Motion JPEG's pictures without tables of their own are coded with.
  HuffmanTables();

  /// Of a DHT segment, given without marker and length.
  void take(Span segment);
  static Places defined_by(Span segment);
  bool any_unlike_standard(const Places& places) const;
  /// As DHT segments, markers in front; nothing for a table that is not known.
  std::vector<uint8_t> segments_of(const Places& places) const;

 private:
  /// Class and number, how many codes there are of each length, their symbols. Empty: not known.
  std::array<std::vector<uint8_t>, Places().size()> tables_;
  Places own_;  ///< other than the standard's
};

}  // namespace fp::av
