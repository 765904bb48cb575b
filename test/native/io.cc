// mp4_boxes, IoContext and the byte sources.
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "../../native/av/mp4_boxes.h"
#include "check.h"
#include "sources.h"

namespace fp::test {

namespace {

using av::ByteRange;
using av::IoContext;
using av::MemorySource;

class Boxes {
 public:
  /// A box whose header states `size`, with `payload` bytes behind it.
  Boxes& add(const char* type, uint64_t size, size_t payload, bool large = false) {
    put(large ? 1 : size, 4);
    bytes.insert(bytes.end(), type, type + 4);
    if (large) put(size, 8);
    bytes.resize(bytes.size() + payload, 0xee);
    return *this;
  }
  std::string media() const {
    const MemorySource memory(bytes.data(), static_cast<int64_t>(bytes.size()));
    std::string text;
    for (const ByteRange& range : av::media_data_ranges(const_cast<MemorySource&>(memory))) {
      text += std::to_string(range.begin) + "-" + std::to_string(range.end) + " ";
    }
    return text;
  }
  Bytes bytes;

 private:
  void put(uint64_t value, int count) {
    while (count-- > 0) bytes.push_back(static_cast<uint8_t>(value >> (8 * count)));
  }
};

void boxes() {
  CHECK(Boxes().media().empty());
  CHECK(Boxes().add("ftyp", 16, 8).add("mdat", 28, 20).add("moov", 8, 0).add("mdat", 12, 4).media() == "24-44 60-64 ");
  CHECK(Boxes().add("mdat", 26, 10, true).add("mdat", 9, 1).media() == "16-26 34-35 ");
  // To the end of the file.
  CHECK(Boxes().add("free", 8, 0).add("mdat", 0, 100).media() == "16-116 ");
  // The header alone: nothing inside.
  CHECK(Boxes().add("mdat", 8, 0).add("mdat", 16, 0, true).media().empty());
  // More than there is.
  CHECK(Boxes().add("mdat", 1000, 10).media() == "8-18 ");
  CHECK(Boxes().add("mdat", UINT64_MAX, 10, true).media() == "16-26 ");
  CHECK(Boxes().add("mdat", uint64_t{1} << 63, 10, true).media() == "16-26 ");
  // Less than its own header, which would lie over the next box or stand still.
  for (const uint64_t size : {2U, 7U}) CHECK(Boxes().add("mdat", size, 10).add("mdat", 9, 1).media().empty());
  for (const uint64_t size : {0U, 1U, 15U}) CHECK(Boxes().add("mdat", size, 10, true).media().empty());
  Boxes cut;
  cut.add("ftyp", 12, 4).add("mdat", 18, 2, true);
  cut.bytes.resize(cut.bytes.size() - 7);
  CHECK(cut.media().empty());

  const Bytes whole = Boxes().add("ftyp", 16, 8).add("mdat", 48, 32, true).add("mdat", 0, 9).bytes;
  ShortSource halting(whole, 4);
  CHECK_EQUAL(av::media_data_ranges(halting).size(), 2U);
  FaultySource failing(whole, 40, FaultySource::Fault::kReturn, AVERROR(EIO));
  CHECK_ERROR("E_IO", av::media_data_ranges(failing));
  Random random(5);
  for (int i = 0; i < 2000; i++) {
    Bytes noise = whole;
    for (size_t flips = 1 + random.below(6); flips > 0; flips--) noise[random.below(noise.size())] = random.byte();
    MemorySource memory(noise.data(), static_cast<int64_t>(noise.size()));
    int64_t last = 0;
    for (const ByteRange& range : av::media_data_ranges(memory)) {
      CHECK(range.begin >= last && range.begin < range.end && range.end <= memory.size());
      last = range.end;
    }
  }
}

void short_reads() {
  Random random(6);
  const Bytes bytes = random.bytes(300'000);
  ShortSource source(bytes, 7);
  IoContext io(source);
  CHECK_EQUAL(avio_size(io.get()), source.size());
  bool same = true;
  Bytes target(100'000);
  for (int i = 0; i < 200; i++) {
    const size_t from = random.below(bytes.size());
    const size_t most = std::min(random.below(target.size()), bytes.size() - from);
    CHECK_EQUAL(avio_seek(io.get(), static_cast<int64_t>(from), SEEK_SET), static_cast<int64_t>(from));
    const int got = avio_read(io.get(), target.data(), static_cast<int>(most));
    same = same && got == static_cast<int>(most) && std::memcmp(target.data(), bytes.data() + from, most) == 0;
  }
  CHECK(same);
  CHECK(io.bytes_read() > 0);
  CHECK_EQUAL(avio_seek(io.get(), source.size(), SEEK_SET), source.size());
  CHECK_EQUAL(avio_read(io.get(), target.data(), 10), AVERROR_EOF);
  CHECK(avio_seek(io.get(), -1, SEEK_SET) < 0);
  CHECK(avio_seek(io.get(), INT64_MAX, SEEK_CUR) < 0);
}

/// Reads to the end from a source that goes wrong; the bytes that arrived.
int read_all(av::ByteSource& source, const Bytes& bytes, int& error) {
  IoContext io(source);
  Bytes target(bytes.size() + 64);
  int done = 0;
  for (;;) {
    const int got = avio_read_partial(io.get(), target.data() + done, static_cast<int>(target.size()) - done);
    error = got;
    if (got <= 0) break;
    done += got;
    if (done >= static_cast<int>(target.size())) break;
  }
  CHECK(std::memcmp(target.data(), bytes.data(), std::min(static_cast<size_t>(done), bytes.size())) == 0);
  return done;
}

void faults() {
  using Fault = FaultySource::Fault;
  const Bytes bytes = Random(8).bytes(200'000);
  constexpr int64_t kLimit = 70'000;
  constexpr int kWholeBuffers = 65'536;
  int error = 0;
  FaultySource broken(bytes, kLimit, Fault::kReturn, AVERROR(EIO));
  CHECK_EQUAL(read_all(broken, bytes, error), kWholeBuffers);
  CHECK_EQUAL(error, AVERROR(EIO));
  FaultySource ends_early(bytes, kLimit, Fault::kReturn, 0);
  CHECK_EQUAL(read_all(ends_early, bytes, error), kWholeBuffers);
  CHECK_EQUAL(error, AVERROR_EOF);
  for (const int more : {1, 1'000'000}) {
    FaultySource boastful(bytes, kLimit, Fault::kReturnMore, more);
    CHECK_EQUAL(read_all(boastful, bytes, error), kWholeBuffers);
    CHECK_EQUAL(error, AVERROR_BUG);
  }
  int32_t flag = 0;
  MemorySource memory(bytes.data(), static_cast<int64_t>(bytes.size()));
  IoContext io(memory);
  io.set_cancel(av::Cancel(&flag, 7));
  Bytes target(100'000);
  CHECK_EQUAL(avio_read(io.get(), target.data(), 10), 10);
  flag = 7;
  CHECK(io.cancel().requested());
  CHECK_EQUAL(avio_seek(io.get(), 150'000, SEEK_SET), 150'000);
  CHECK_EQUAL(avio_read(io.get(), target.data(), 10), AVERROR_EXIT);
}

void hollow() {
  const Bytes bytes = Random(9).bytes(500'000);
  const std::vector<ByteRange> ranges = {{1000, 200'000}, {200'000, 200'001}, {300'000, 499'990}};
  ShortSource source(bytes, 10);
  IoContext io(source);
  Bytes target(bytes.size());
  CHECK_EQUAL(avio_read(io.get(), target.data(), 500), 500);
  const size_t before = source.reads.size();
  io.set_hollow(ranges);
  CHECK_EQUAL(avio_tell(io.get()), 500);
  CHECK_EQUAL(avio_read(io.get(), target.data() + 500, 499'500), 499'500);
  bool real_is_right = true;
  for (size_t i = 0; i < bytes.size(); i++) {
    const auto at = static_cast<int64_t>(i);
    bool inside = false;
    for (const ByteRange& range : ranges) inside = inside || (at >= range.begin && at < range.end);
    real_is_right = real_is_right && (inside || target[i] == bytes[i]);
  }
  CHECK(real_is_right);
  for (size_t i = before; i < source.reads.size(); i++) {
    for (const ByteRange& range : ranges) {
      CHECK(source.reads[i].end <= range.begin || source.reads[i].begin >= range.end);
    }
  }
  io.set_hollow({});
  CHECK_EQUAL(avio_seek(io.get(), 1000, SEEK_SET), 1000);
  CHECK_EQUAL(avio_read(io.get(), target.data(), 400'000), 400'000);
  CHECK(std::memcmp(target.data(), bytes.data() + 1000, 400'000) == 0);
}

void files() {
  CHECK_ERROR("E_NOT_FOUND", av::FileSource("/nonexistent/file"));
  CHECK_ERROR("E_NOT_A_FILE", av::FileSource("/"));
  CHECK_ERROR("E_NOT_A_FILE", av::FileSource("/dev/null"));
  char path[] = "/tmp/framepool-check-XXXXXX";
  const int descriptor = mkstemp(path);
  CHECK(descriptor >= 0);
  CHECK_EQUAL(::write(descriptor, "0123456789", 10), 10);
  {
    av::FileSource file(path);
    uint8_t target[16] = {};
    CHECK_EQUAL(file.size(), 10);
    CHECK_EQUAL(file.read(4, target, 16), 6);
    CHECK(std::memcmp(target, "456789", 6) == 0);
    CHECK_EQUAL(file.read(10, target, 16), 0);
    // It was cut while open: its size stays what it was, the bytes are gone.
    CHECK_EQUAL(::ftruncate(descriptor, 2), 0);
    CHECK_EQUAL(file.size(), 10);
    CHECK_EQUAL(file.read(4, target, 16), 0);
  }
  {
    // Somebody else's descriptor: it stays where it is, and may be closed
    // meanwhile.
    CHECK_EQUAL(::lseek(descriptor, 1, SEEK_SET), 1);
    av::FileSource file(descriptor);
    uint8_t target[16] = {};
    CHECK_EQUAL(file.read(0, target, 16), 2);
    CHECK_EQUAL(::lseek(descriptor, 0, SEEK_CUR), 1);
    ::close(descriptor);
    CHECK_EQUAL(file.read(1, target, 16), 1);
    CHECK(file.identity().inode == av::FileSource(path).identity().inode);
  }
  CHECK_ERROR("E_IO", av::FileSource{descriptor});
  ::unlink(path);
  MemorySource nothing(nullptr, 0);
  uint8_t target[1];
  CHECK_EQUAL(nothing.read(0, target, 1), 0);
}

}  // namespace

void check_io() {
  boxes();
  short_reads();
  faults();
  hollow();
  files();
}

}  // namespace fp::test
