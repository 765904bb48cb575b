#include "mp4_tables.h"

#include <algorithm>
#include <string>
#include <vector>

#include "byte_window.h"
#include "ffmpeg.h"
#include "tag_count.h"

namespace fp::av {

namespace {

/// Deeper than any file nests; FFmpeg gives up at the same depth.
constexpr int kDeepest = 10;
/// Whatever the limits: tables of this size cost nothing that counts.
constexpr int64_t kAlwaysAllowed = int64_t{1} << 20;
constexpr int64_t kAlwaysAllowedInSmallFiles = int64_t{1} << 16;
/// Edits beyond this are looked at one by one.
constexpr int64_t kFewEdits = 16;
/// How often, on average, edits may show a sample.
constexpr int64_t kMostRepeats = 64;
/// For every edit FFmpeg goes through the samples before it.
constexpr int64_t kMostEditSteps = 1'000'000'000;
/// Sound uncompressed in chunks is kept in pieces of at most so many samples.
constexpr int64_t kPiece = 1024;

constexpr uint32_t tag(const char (&name)[5]) {
  uint32_t value = 0;
  for (int i = 0; i < 4; i++) value = value << 8 | static_cast<uint8_t>(name[i]);
  return value;
}

/// A box's contents.
struct Box {
  uint32_t type;
  int64_t begin;
  int64_t end;
  int64_t size() const { return end - begin; }
};

/// What matters of a track; tables by the position of their first entry.
struct Track {
  bool sound = false;
  bool other = false;  // a handler says that it is no sound
  int64_t samples = 0;
  int64_t time_scale = 0;
  struct Table {
    int64_t position = 0;
    int64_t entries = 0;
  };
  Table times;   // stts: samples, duration
  Table chunks;  // stsc: first chunk, samples in each, description
  Table keys;    // stss: sample
  Table offsets;
  Table edits;
  bool shifts = false;  // ctts
  int edit_bytes = 12;
};

/// Samples by decoding time.
class Clock {
 public:
  Clock(ByteWindow& window, const Track::Table& times) {
    int64_t time = 0;
    int64_t sample = 0;
    for (int64_t i = 0; i < times.entries; i++) {
      const int64_t count = window.u32(times.position + 8 * i);
      const int64_t step = window.u32(times.position + 8 * i + 4);
      runs_.push_back({time, sample, count, step});
      sample += count;
      time = av_sat_add64(time, count * step);
    }
  }
  int64_t sample_at(int64_t time) const {
    const auto next = std::upper_bound(runs_.begin(), runs_.end(), time,
                                       [](int64_t wanted, const Run& run) { return wanted < run.time; });
    if (next == runs_.begin()) return 0;
    const Run& run = *(next - 1);
    return run.sample + (run.step == 0 ? run.count : std::min(run.count, (time - run.time) / run.step));
  }

 private:
  struct Run {
    int64_t time;
    int64_t sample;
    int64_t count;
    int64_t step;
  };
  std::vector<Run> runs_;
};

class TableCheck {
 public:
  TableCheck(ByteSource& source, const Limits& limits, const Cancel& cancel)
      : window_(source),
        cancel_(cancel),
        most_(std::min(std::max<int64_t>(limits.max_index_packets, kAlwaysAllowed),
                       std::max(source.size(), kAlwaysAllowedInSmallFiles))) {}

  bool run() {
    walk({tag("root"), 0, window_.size()}, 0);
    return rearranges_sound_;
  }

 private:
  void walk(const Box& parent, int depth) {
    if (depth > kDeepest) return;
    int64_t position = parent.begin;
    while (parent.end - position >= 8) {
      cancel_.throw_if_requested();
      uint64_t size = window_.u32(position);
      uint32_t type = window_.u32(position + 4);
      int64_t begin = position + 8;
      const auto left = static_cast<uint64_t>(parent.end - position);
      if (size == 1) {
        if (left < 16) return;
        size = window_.number(begin, 8);
        begin += 8;
      } else if (size == 0) {
        size = left;
      }
      if (size < static_cast<uint64_t>(begin - position)) return;
      const int64_t end = size > left ? parent.end : position + static_cast<int64_t>(size);
      // A header that was set aside while the file was written.
      const bool is_spare = type == tag("free") || type == tag("hoov");
      if (is_spare && end - begin >= 8) {
        const uint32_t first = window_.u32(begin + 4);
        if (first == tag("mvhd") || first == tag("cmov")) type = tag("moov");
      }
      if (parent.type == tag("ilst") || parent.type == tag("udta")) tags_.add();
      see({type, begin, end}, depth);
      position = end;
    }
  }

  void see(const Box& box, int depth) {
    switch (box.type) {
      case tag("trak"):
        track_ = {};
        walk(box, depth + 1);
        count_track();
        break;
      case tag("moov"):
      case tag("mdia"):
      case tag("minf"):
      case tag("stbl"):
      case tag("edts"):
      case tag("dinf"):
      case tag("tref"):
      case tag("udta"):
      case tag("ilst"):
      case tag("mvex"):
      case tag("moof"):
      case tag("traf"):
      case tag("sinf"):
      case tag("schi"):
        walk(box, depth + 1);
        break;
      case tag("meta"):
        see_metadata(box, depth);
        break;
      case tag("mvhd"):
        movie_scale_ = scale_of(box);
        break;
      case tag("mdhd"):
        track_.time_scale = scale_of(box);
        break;
      case tag("hdlr"):
        see_handler(window_.u32(box.begin + 8));
        break;
      case tag("stsz"):
      case tag("stz2"):
        track_.samples = std::max<int64_t>(track_.samples, window_.u32(box.begin + 8));
        break;
      case tag("stts"):
        track_.times = table(box, 8);
        break;
      case tag("stsc"):
        track_.chunks = table(box, 12);
        break;
      case tag("stss"):
        track_.keys = table(box, 4);
        break;
      case tag("stco"):
        track_.offsets = table(box, 4);
        break;
      case tag("co64"):
        track_.offsets = table(box, 8);
        break;
      case tag("ctts"):
        track_.shifts = true;
        break;
      case tag("elst"):
        track_.edit_bytes = window_.number(box.begin, 1) == 1 ? 20 : 12;
        // FFmpeg believes the box's size more than its count.
        track_.edits = {box.begin + 8, std::max<int64_t>(0, box.size() - 8) / track_.edit_bytes};
        break;
      case tag("trun"):
        add(window_.u32(box.begin + 4));
        break;
      case tag("cmov"):
        check_compressed(box);
        break;
      default:
        break;
    }
  }

  /// Some files leave out the version: as FFmpeg does, look for the first box in it.
  void see_metadata(const Box& box, int depth) {
    for (int64_t at = box.begin; at + 8 <= box.end; at += 4) {
      cancel_.throw_if_requested();
      if (window_.u32(at) != tag("hdlr")) continue;
      walk({box.type, at - 4, box.end}, depth + 1);
      return;
    }
  }

  int64_t scale_of(const Box& box) { return window_.u32(box.begin + (window_.number(box.begin, 1) == 1 ? 20 : 12)); }

  void see_handler(uint32_t type) {
    if (type == tag("soun")) {
      track_.sound = true;
    } else if (type == tag("vide") || type == tag("subp") || type == tag("clcp") || type == tag("m1a ")) {
      track_.other = true;
    }
  }

  Track::Table table(const Box& box, int64_t entry) {
    const int64_t room = std::max<int64_t>(0, box.size() - 8) / entry;
    return {box.begin + 8, std::min<int64_t>(room, window_.u32(box.begin + 4))};
  }

  /// A header that unpacks to more than this is none.
  void check_compressed(const Box& box) {
    constexpr int64_t kMostBytes = int64_t{64} << 20;
    const int64_t bytes = window_.u32(box.begin + 20);
    if (bytes > kMostBytes) {
      throw Error("E_LIMIT", "its compressed header unpacks to " + std::to_string(bytes) + " bytes");
    }
  }

  void count_track() {
    const int64_t entries = entries_of_track();
    add(entries);
    const bool few = track_.edits.entries <= kFewEdits;
    if (!few) add(check_edits(entries) - entries);
    int64_t shown = 0;
    for (int64_t i = 0; few && i < track_.edits.entries; i++) shown += edit(i).begin >= 0 ? 1 : 0;
    rearranges_sound_ = rearranges_sound_ || (track_.sound && (!few || shown > 1));
  }

  struct Edit {
    int64_t duration;  // in the movie's time scale
    int64_t begin;     // in the track's; negative: nothing is shown
  };
  Edit edit(int64_t number) {
    const int64_t at = track_.edits.position + track_.edit_bytes * number;
    const bool wide = track_.edit_bytes == 20;
    return {static_cast<int64_t>(window_.number(at, wide ? 8 : 4)),
            wide ? static_cast<int64_t>(window_.number(at + 8, 8))
                 : static_cast<int64_t>(static_cast<int32_t>(window_.u32(at + 4)))};
  }

  /// As FFmpeg will keep them.
  int64_t entries_of_track() {
    const bool in_chunks =
        track_.sound && !track_.other && track_.times.entries == 1 && window_.u32(track_.times.position + 4) == 1;
    if (!in_chunks) return track_.samples;
    int64_t pieces = 0;
    for (int64_t i = 0; i < track_.chunks.entries; i++) {
      const int64_t at = track_.chunks.position + 12 * i;
      const int64_t first = window_.u32(at);
      const int64_t each = (window_.u32(at + 4) + kPiece - 1) / kPiece;
      const bool is_last = i + 1 == track_.chunks.entries;
      const int64_t next = is_last ? track_.offsets.entries + 1 : int64_t{window_.u32(at + 12)};
      if (next > first) pieces = av_sat_add64(pieces, (next - first) * each);
      if (pieces > most_) break;
    }
    return pieces;
  }

  /// How many entries the edits make of the track's: each shows those of its time, from the key sample before it to the
  /// one behind it.
  int64_t check_edits(int64_t entries) {
    const int64_t edits = track_.edits.entries;
    if (edits * (track_.shifts ? std::max<int64_t>(entries, 1) : 1) > kMostEditSteps) refuse_edits();
    const Clock clock(window_, track_.times);
    std::vector<int64_t> keys;
    for (int64_t i = 0; i < track_.keys.entries; i++) {
      keys.push_back(std::max<int64_t>(0, int64_t{window_.u32(track_.keys.position + 4 * i)} - 1));
    }
    const int64_t most = std::max(kAlwaysAllowedInSmallFiles, kMostRepeats * entries);
    int64_t shown = 0;
    for (int64_t i = 0; i < edits && shown <= most; i++) {
      const auto [duration, begin] = edit(i);
      if (begin < 0 || duration < 0) continue;
      const int64_t length =
          movie_scale_ > 0 ? av_rescale(duration, std::max<int64_t>(1, track_.time_scale), movie_scale_) : duration;
      int64_t first = clock.sample_at(begin);
      int64_t last = clock.sample_at(av_sat_add64(begin, length));
      if (!keys.empty() && !track_.sound) {
        const auto after = std::upper_bound(keys.begin(), keys.end(), first);
        first = after == keys.begin() ? 0 : *(after - 1);
        const auto behind = std::lower_bound(keys.begin(), keys.end(), last);
        last = behind == keys.end() ? entries : *behind;
      }
      shown += std::clamp<int64_t>(last - first, 0, entries) + 1;
    }
    if (shown > most) refuse_edits();
    return std::max(shown, entries);
  }

  [[noreturn]] void refuse_edits() {
    throw Error("E_LIMIT", "its list of " + std::to_string(track_.edits.entries) + " edits shows its " +
                               std::to_string(track_.samples) + " samples over and over");
  }

  void add(int64_t entries) {
    entries_ += entries;
    if (entries_ <= most_) return;
    throw Error("E_LIMIT", "its tables promise more than " + std::to_string(most_) +
                               " samples, which is over limits.maxIndexPackets or more than its bytes can hold");
  }

  ByteWindow window_;
  const Cancel& cancel_;
  int64_t most_;
  int64_t entries_ = 0;
  int64_t movie_scale_ = 0;
  TagCount tags_;
  Track track_;
  bool rearranges_sound_ = false;
};

}  // namespace

bool check_mp4_tables(ByteSource& source, const Limits& limits, const Cancel& cancel) {
  return TableCheck(source, limits, cancel).run();
}

}  // namespace fp::av
