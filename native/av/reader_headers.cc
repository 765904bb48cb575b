// Which headers (parameter sets, sequence headers) are in force where a run begins.
#include <algorithm>

#include "reader.h"

namespace fp::av {

/// Those that the stream has sent before a key packet, whatever was decoded before.
StreamHeaders Reader::headers_before(int32_t key) {
  StreamHeaders headers = container_headers();
  const auto take = [&](const uint8_t* bytes, size_t size, size_t extradata, bool before) {
    if (extradata > 0) headers.replace(Span{bytes, extradata});
    // The key packet itself brings its own.
    if (before) headers.see(Span{bytes + extradata, size - extradata});
  };
  int32_t begin = 0;
  for (int32_t i = 0; i < index_.header_changes && index_.change_packet[i] <= key; i++) {
    const int32_t end = index_.change_end[i];
    if (index_.change_extradata[i] < 0) {
      headers.set_palette(index_.change_bytes + begin);
      begin = end;
      continue;
    }
    take(index_.change_bytes + begin, static_cast<size_t>(end - begin), static_cast<size_t>(index_.change_extradata[i]),
         index_.change_packet[i] < key);
    begin = end;
  }
  if (index_.media_read || !look_for_headers(key, headers)) return headers;
  for (const auto& [packet, bytes] : unlisted_headers_) {
    if (packet < key) take(bytes.data(), bytes.size(), 0, true);
  }
  return headers;
}

/// An MP4's index is made without its media, whose key packets may still change the headers. Looks at those that
/// nobody looked at yet; false: there is no need.
bool Reader::look_for_headers(int32_t key, const StreamHeaders& headers) {
  // Bytes that come from afar are asked for only where headers were seen to change.
  if (!headers_vary_ && !source_->is_near()) return false;
  std::vector<uint8_t> begin;
  if (key >= looked_until_ && carries_headers(key, headers, begin)) return false;
  for (; looked_until_ < key; looked_until_++) {
    if (index_.packet_key[looked_until_] == 0 && looked_until_ > 0) continue;
    cancel_.throw_if_requested();
    if (carries_headers(looked_until_, headers, begin)) unlisted_headers_.emplace_back(looked_until_, begin);
  }
  return true;
}

/// Reads the begin of a packet, no further than up to its picture.
bool Reader::carries_headers(int32_t packet, const StreamHeaders& headers, std::vector<uint8_t>& begin) {
  constexpr int kFirst = 512;
  constexpr int kMost = 1 << 16;
  const int64_t position = index_.packet_position[packet];
  if (position < 0) return false;
  bool any = false;
  bool whole = false;
  for (int size = kFirst; !whole && size <= kMost; size *= 8) {
    begin.resize(static_cast<size_t>(std::min(size, index_.packet_size[packet])));
    int filled = 0;
    while (filled < static_cast<int>(begin.size())) {
      const int got = source_->read(position + filled, begin.data() + filled, static_cast<int>(begin.size()) - filled);
      if (got <= 0) break;
      filled += got;
    }
    begin.resize(static_cast<size_t>(filled));
    any = headers.carried_by(Span{begin.data(), begin.size()}, whole);
    if (filled < size) break;
  }
  begin.resize(headers.end_of_headers(Span{begin.data(), begin.size()}));
  return any;
}

StreamHeaders Reader::container_headers() { return StreamHeaders(*demuxer_->stream().codecpar); }

/// Before a packet is sent.
void Reader::send_headers() {
  if (headers_to_send_) {
    headers_to_send_->put_before(*packet_);
    headers_to_send_.reset();
  }
  if (held_headers_->see(*packet_)) {
    headers_vary_ = true;
    frame_numbers_->use(*held_headers_);
  }
}

}  // namespace fp::av
