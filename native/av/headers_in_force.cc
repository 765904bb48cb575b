#include "headers_in_force.h"

#include <algorithm>
#include <utility>

#include "error.h"

namespace fp::av {

namespace {

/// The same of bytes that come from afar.
constexpr int64_t kFarBytes = int64_t{1} << 20;
constexpr size_t kAheadBytes = size_t{1} << 16;

}  // namespace

HeadersInForce::HeadersInForce(ByteSource& source, Demuxer& demuxer, const Cancel& cancel)
    : source_(source), demuxer_(demuxer), cancel_(cancel), packet_(av_packet_alloc()) {
  if (!packet_) throw Error("E_LIMIT", "out of memory");
}

void HeadersInForce::use_index(const IndexView& index) {
  index_ = index;
  unlisted_.clear();
  looked_until_ = 0;
}

StreamHeaders HeadersInForce::of_container() { return StreamHeaders(*demuxer_.stream().codecpar); }

StreamHeaders HeadersInForce::before(int32_t key) {
  StreamHeaders listed = of_container();
  apply_listed(listed, 0, key);
  if (index_.media_read || !look_for_headers(key, listed)) {
    if (key > 0) listed.note_picture();
    return listed;
  }
  StreamHeaders headers = of_container();
  int32_t next = 0;
  for (const auto& [packet, bytes] : unlisted_) {
    if (packet >= key) break;
    next = apply_listed(headers, next, packet);
    if (packet > 0) headers.note_picture();
    headers.see(Span{bytes.data(), bytes.size()});
  }
  apply_listed(headers, next, key);
  if (key > 0) headers.note_picture();
  return headers;
}

/// What the index lists, from its change `next` on, until a packet: of this one, what the container brings with it; it
/// brings its own itself. Returns the next change.
int32_t HeadersInForce::apply_listed(StreamHeaders& headers, int32_t next, int32_t packet) const {
  for (; next < index_.header_changes && index_.change_packet[next] <= packet; next++) {
    const int32_t begin = next > 0 ? index_.change_end[next - 1] : 0;
    const uint8_t* bytes = index_.change_bytes + begin;
    if (index_.change_packet[next] > 0) headers.note_picture();
    if (index_.change_extradata[next] < 0) {
      headers.set_palette(bytes);
      continue;
    }
    const auto extradata = static_cast<size_t>(index_.change_extradata[next]);
    const auto size = static_cast<size_t>(index_.change_end[next] - begin);
    if (extradata > 0) headers.replace(Span{bytes, extradata});
    if (index_.change_packet[next] < packet) headers.see(Span{bytes + extradata, size - extradata});
  }
  return next;
}

/// An MP4's index is made without its media, whose packets may still change the headers. Looks at those that nobody
/// looked at yet; false: there is no need.
bool HeadersInForce::look_for_headers(int32_t key, const StreamHeaders& headers) {
  const int64_t begin = index_.packets > 0 ? index_.packet_position[0] : -1;
  const int64_t most = source_.is_near() ? kNearBytes : kFarBytes;
  const auto is_early = [&](int32_t packet) {
    const int64_t distance = index_.packet_position[packet] - begin;
    return begin >= 0 && distance >= 0 && distance <= most;
  };
  // Bytes that come from afar are asked for only where they are few, or headers were seen to change.
  if (!vary_ && !source_.is_near() && !is_early(key)) return false;
  std::vector<uint8_t> bytes;
  if (!is_early(key) && key >= looked_until_) {
    read_headers(key, false, headers, bytes);
    if (headers.replaced_by(Span{bytes.data(), bytes.size()})) return false;
  }
  while (looked_until_ < key) {
    const int32_t packet = looked_until_++;
    const bool every = vary_ || is_early(packet);
    if (packet > 0 && index_.packet_key[packet] == 0 && !every) continue;
    cancel_.throw_if_requested();
    if (!read_headers(packet, every, headers, bytes)) continue;
    unlisted_.emplace_back(packet, bytes);
    StreamHeaders seen = headers;
    if (seen.see(Span{bytes.data(), bytes.size()})) note_variation();
  }
  return true;
}

/// Of those that were passed over, some may change the headers too.
void HeadersInForce::note_variation() {
  if (vary_) return;
  vary_ = true;
  looked_until_ = 0;
  unlisted_.clear();
}

/// Reads the begin of a packet, no further than up to its picture. True: there are headers in it.
bool HeadersInForce::read_headers(int32_t packet, bool every, const StreamHeaders& headers,
                                  std::vector<uint8_t>& begin) {
  constexpr int kFirst = 512;
  constexpr int kMost = 1 << 16;
  begin.clear();
  const int64_t position = index_.packet_position[packet];
  if (position < 0) return false;
  bool any = false;
  bool whole = false;
  for (int size = kFirst; !whole && size <= kMost; size *= 8) {
    begin.resize(static_cast<size_t>(std::min(size, index_.packet_size[packet])));
    // Where each packet counts, packets that lie one behind the other are asked for together.
    const bool together = every && index_.packet_size[packet] < static_cast<int32_t>(kAheadBytes);
    const size_t filled = read_ahead(position, begin, together ? kAheadBytes : begin.size());
    const bool all = filled == static_cast<size_t>(size);
    begin.resize(filled);
    any = headers.carried_by(Span{begin.data(), begin.size()}, whole);
    if (!all) break;
  }
  begin.resize(headers.end_of_headers(Span{begin.data(), begin.size()}));
  return any;
}

/// Fills `target` as far as there are bytes, out of the last `ahead` that were read where it can.
size_t HeadersInForce::read_ahead(int64_t position, std::vector<uint8_t>& target, size_t ahead) {
  const auto held = [&] { return position - ahead_position_; };
  if (held() < 0 || held() + static_cast<int64_t>(target.size()) > static_cast<int64_t>(ahead_.size())) {
    ahead_.resize(ahead);
    ahead_position_ = position;
    size_t filled = 0;
    while (filled < target.size()) {
      const int got = source_.read(position + static_cast<int64_t>(filled), ahead_.data() + filled,
                                   static_cast<int>(ahead - filled));
      if (got < 0) {
        ahead_.clear();
        throw_read_failure(got);
      }
      if (got == 0) break;
      filled += static_cast<size_t>(got);
    }
    ahead_.resize(filled);
  }
  const size_t count = std::min(target.size(), ahead_.size() - static_cast<size_t>(held()));
  std::copy_n(ahead_.begin() + held(), count, target.begin());
  return count;
}

/// The stream's begin is read once, which moves the demuxer: it is led back.
std::optional<StreamHeaders> HeadersInForce::here(int64_t target) {
  StreamHeaders headers = of_container();
  const AVCodecParameters& par = *demuxer_.stream().codecpar;
  const bool has_palette = par.bits_per_coded_sample > 0 && par.bits_per_coded_sample <= 8;
  if (!headers.may_change() && !has_palette) return headers;
  int64_t position = -1;
  Brought brought = look_ahead(headers, position);
  if (brought != Brought::kAll && !begin_read_) {
    read_begin();
    if (!demuxer_.seek_timestamp(target)) return std::nullopt;
    brought = look_ahead(headers, position);
  }
  if (brought == Brought::kAll) return headers;
  for (const auto& [changed, these] : timed_) {
    if (changed <= position) headers = these;
  }
  // What the first packet brings is as good as the container's.
  const bool vary = !timed_.empty() && timed_.back().first > begin_;
  // Beyond what was read, all stays as it is where nothing changed before.
  const bool beyond = position < 0 || position > begin_end_;
  if (vary && beyond && brought == Brought::kTooLittle) return std::nullopt;
  if (!timed_.empty() && position > begin_end_) headers = timed_.back().second;
  demuxer_.set_palette(headers.palette());
  return headers;
}

/// Which headers the next key packet sends of those in force. `position`: the next packet's. They stay unread.
HeadersInForce::Brought HeadersInForce::look_ahead(const StreamHeaders& headers, int64_t& position) {
  constexpr size_t kMost = 1000;
  std::vector<Packet> passed;
  Brought brought = Brought::kTooLittle;
  for (bool key = false; !key && passed.size() < kMost;) {
    Packet packet(av_packet_alloc());
    if (!packet) throw Error("E_LIMIT", "out of memory");
    if (!demuxer_.read(*packet)) break;
    key = (packet->flags & AV_PKT_FLAG_KEY) != 0;
    const Span bytes = span_of(*packet);
    if (key && headers.replaced_by(bytes)) {
      brought = headers.leaves_colour_open(bytes) ? Brought::kAllButColour : Brought::kAll;
    }
    if (passed.empty()) position = packet->pos;
    passed.push_back(std::move(packet));
  }
  while (!passed.empty()) {
    demuxer_.unread(*passed.back());
    passed.pop_back();
  }
  return brought;
}

/// Looks for headers in the stream's first packets.
void HeadersInForce::read_begin() {
  begin_read_ = true;
  demuxer_.reopen();
  StreamHeaders headers = of_container();
  const int64_t most = source_.is_near() ? kNearBytes : kFarBytes;
  int64_t size = 0;
  for (bool first = true; size <= most; first = false) {
    if (!demuxer_.read(*packet_)) {
      begin_end_ = INT64_MAX;
      return;
    }
    if (first) begin_ = packet_->pos;
    begin_end_ = packet_->pos;
    size += packet_->size;
    if (!first) headers.note_picture();
    if (headers.see(*packet_)) timed_.emplace_back(packet_->pos, headers);
    av_packet_unref(packet_.get());
  }
}

}  // namespace fp::av
