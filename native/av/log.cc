#include "log.h"

#ifdef _WIN32
#include <windows.h>
#else
#include <dlfcn.h>
#endif

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <functional>
#include <iterator>
#include <map>

#include "ffmpeg.h"

namespace fp::av {

namespace {

constexpr size_t kTailLines = 8;
constexpr size_t kAllLines = 2000;
constexpr const char* kConcealing = "concealing";
// H.264: another one is taken.
constexpr const char* kMissing = "Missing reference picture";
// HEVC: one is made up, and stays.
constexpr const char* kMadeUp = "Could not find ref with POC";
// H.264: what was read of the macroblock until then is added to the one that the same thread decodes next, of whichever
// picture, beyond a flush.
constexpr const char* kTorn = "error while decoding MB";
// A picture that is not there is not to be referred to any more: what is said where decoding begins behind it.
constexpr const char* kForgotten = "mmco: unref short failure";
// Motion JPEG without loss: its decoder leaves off there. FFmpeg 9 calls it an error.
constexpr const char* kBadCode = "mjpeg_decode_dc: bad vlc";
// H.264: which pictures are kept behind one is not as it should be. Its own is there in full.
constexpr std::array kKeeping = {"number of reference frames", "illegal short term", "mmco: cannot assign"};

// In FFmpeg before 7 of H.261's first picture too, which has no other kind.
constexpr const char* kNoKeyPicture = "warning: first frame is no keyframe";

thread_local LogSink* current_sink = nullptr;

/// Of a codec context, which is whose decoder's it may be.
const void* opaque_of(void* object) {
  if (object == nullptr) return nullptr;
  const AVClass* type = *static_cast<const AVClass* const*>(object);
  if (type != avcodec_get_class()) return nullptr;
  return static_cast<AVCodecContext*>(object)->opaque;
}

bool is_h261(void* object) {
  if (object == nullptr || *static_cast<const AVClass* const*>(object) != avcodec_get_class()) return false;
  return static_cast<AVCodecContext*>(object)->codec_id == AV_CODEC_ID_H261;
}

bool begins_with(const char* text, const char* begin) { return std::strncmp(text, begin, std::strlen(begin)) == 0; }

void on_log(void* object, int level, const char* format, va_list arguments) {
  if (level > AV_LOG_VERBOSE) {
    if (kHevcFinished != nullptr && begins_with(format, kHevcFinished)) PacketLog::finish(opaque_of(object));
    return;
  }
  if (begins_with(format, kNoKeyPicture) && is_h261(object)) level = AV_LOG_INFO;
  const void* opaque = opaque_of(object);
  if (opaque == nullptr && current_sink == nullptr) return;
  char text[1024];
  int prefix = 1;
  av_log_format_line2(object, level, format, arguments, text, sizeof text, &prefix);
  std::string line(text);
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  if (opaque != nullptr && PacketLog::add(opaque, level, format, line)) return;
  if (current_sink != nullptr && !line.empty()) current_sink->add(level, std::move(line));
}

/// Node unloads an addon with the last thread that uses it, and FFmpeg would go on calling back into it.
void keep_loaded() {
#ifdef _WIN32
  HMODULE self = nullptr;
  GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
                     reinterpret_cast<LPCWSTR>(&keep_loaded), &self);
#else
  Dl_info self{};
  // What it returns is never closed: this library stays.
  if (dladdr(reinterpret_cast<const void*>(&keep_loaded), &self) != 0 && self.dli_fname != nullptr) {
    static_cast<void>(dlopen(self.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE));
  }
#endif
}

/// Decoders that live, by where their tags begin: a codec context may be somebody else's in this process.
struct Registry {
  std::mutex mutex;
  std::map<const void*, PacketLog*, std::less<>> logs;
};

/// Never destroyed: FFmpeg may still speak while the process ends.
Registry& registry() {
  static auto* instance = new Registry;
  return *instance;
}

}  // namespace

void LogSink::begin(bool keep_all) {
  const std::lock_guard<std::mutex> lock(mutex_);
  tail_.clear();
  all_.clear();
  keep_all_ = keep_all;
}

void LogSink::add(int level, std::string line) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (keep_all_ && all_.size() < kAllLines) {
    const char* name = level <= AV_LOG_ERROR ? "error" : level <= AV_LOG_WARNING ? "warning" : "info";
    all_.push_back(std::string(name) + ": " + line);
  }
  if (level > AV_LOG_WARNING) return;
  tail_.push_back(std::move(line));
  if (tail_.size() > kTailLines) tail_.pop_front();
}

std::vector<std::string> LogSink::tail() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return {tail_.begin(), tail_.end()};
}

std::vector<std::string> LogSink::all() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return all_;
}

// A thread keeps its tag until it is given another packet. Packets that fail before a thread has them take tags too.
PacketLog::PacketLog(LogSink& sink, int threads)
    : sink_(sink),
      threaded_(threads > 1),
      count_(static_cast<size_t>(4 * std::max(threads, 1) + 16)),
      tags_(std::make_unique<Tag[]>(count_)) {
  Registry& all = registry();
  const std::lock_guard<std::mutex> lock(all.mutex);
  all.logs.emplace(tags_.get(), this);
}

PacketLog::~PacketLog() {
  Registry& all = registry();
  const std::lock_guard<std::mutex> lock(all.mutex);
  all.logs.erase(tags_.get());
}

void* PacketLog::tag(int64_t packet) {
  Tag& tag = tags_[next_];
  next_ = (next_ + 1) % count_;
  tag = packet;
  return &tag;
}

int64_t PacketLog::first_of(std::initializer_list<const std::set<int64_t>*> kinds, int64_t first, int64_t last) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  int64_t found = INT64_MAX;
  for (const std::set<int64_t>* wrong : kinds) {
    const auto at = wrong->lower_bound(first);
    if (at != wrong->end()) found = std::min(found, *at);
  }
  return found <= last && found != INT64_MAX ? found : -1;
}

int64_t PacketLog::complaint(int64_t first, int64_t last) const {
  return first_of({&complaints_, &unfinished_, &missing_, &keeping_}, first, last);
}

int64_t PacketLog::complaint_of_picture(int64_t first, int64_t last) const {
  return std::max(first_of({&complaints_, &unfinished_, &missing_}, first, last),
                  first_of({&keeping_}, first, last - 1));
}

bool PacketLog::is_wrong_in_itself(int64_t packet) const {
  return first_of({&complaints_, &unfinished_}, packet, packet) >= 0;
}

int64_t PacketLog::leftover(int64_t first, int64_t last) const { return first_of({&torn_}, first, last); }

bool PacketLog::made_up(int64_t packet) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return making_up_.count(packet) != 0;
}

void PacketLog::note(std::set<int64_t>& packets, int64_t packet) {
  const std::lock_guard<std::mutex> lock(mutex_);
  packets.insert(packet);
}

void PacketLog::complain(int64_t packet) { note(complaints_, packet); }

void PacketLog::expect(int64_t packet) { note(unfinished_, packet); }

void PacketLog::forget() {
  const std::lock_guard<std::mutex> lock(mutex_);
  complaints_.clear();
  unfinished_.clear();
  missing_.clear();
  keeping_.clear();
  making_up_.clear();
  torn_.clear();
  pictures_.forget();
}

/// The log whose tag it is, while the registry is locked; nullptr when that is none that lives.
PacketLog* PacketLog::owner_of(const void* opaque) {
  const auto& logs = registry().logs;
  const auto after = logs.upper_bound(opaque);
  if (after == logs.begin()) return nullptr;
  PacketLog& log = *std::prev(after)->second;
  const auto* tag = static_cast<const Tag*>(opaque);
  const bool own =
      !std::less<const Tag*>()(tag, log.tags_.get()) && std::less<const Tag*>()(tag, log.tags_.get() + log.count_);
  return own ? &log : nullptr;
}

void PacketLog::finish(const void* opaque) {
  if (opaque == nullptr) return;
  const std::lock_guard<std::mutex> all(registry().mutex);
  PacketLog* log = owner_of(opaque);
  if (log == nullptr) return;
  const std::lock_guard<std::mutex> lock(log->mutex_);
  log->unfinished_.erase(*static_cast<const Tag*>(opaque));
}

void PacketLog::hand_out(const void* opaque, const AVFrame& picture, AVCodecID codec) {
  const std::lock_guard<std::mutex> all(registry().mutex);
  PacketLog* log = opaque == nullptr ? nullptr : owner_of(opaque);
  if (log != nullptr) log->pictures_.add(*static_cast<const Tag*>(opaque), picture, codec);
}

bool PacketLog::finish_until(int64_t packet) {
  const std::vector<int64_t> unwritten = pictures_.take_unwritten(packet);
  for (const int64_t one : unwritten) complain(one);
  return std::find(unwritten.begin(), unwritten.end(), packet) != unwritten.end();
}

bool PacketLog::add(const void* opaque, int level, const char* format, const std::string& line) {
  const std::lock_guard<std::mutex> all(registry().mutex);
  PacketLog* owner = owner_of(opaque);
  if (owner == nullptr) return false;
  PacketLog& log = *owner;
  const int64_t packet = *static_cast<const Tag*>(opaque);
  // Missing slices are no error to FFmpeg: it mentions that it makes them up.
  const bool wrong = level <= AV_LOG_ERROR && !begins_with(format, kForgotten);
  if (begins_with(format, kMissing)) {
    log.note(log.missing_, packet);
  } else if (std::any_of(kKeeping.begin(), kKeeping.end(), [&](auto begin) { return begins_with(format, begin); })) {
    // With threads it is found out as the next packet's begins.
    log.note(log.keeping_, log.threaded_ ? packet - 1 : packet);
  } else if (wrong || begins_with(format, kConcealing) || begins_with(format, kBadCode)) {
    log.complain(packet);
    if (begins_with(format, kMadeUp)) log.note(log.making_up_, packet);
    if (begins_with(format, kTorn)) log.note(log.torn_, packet);
  }
  if (!line.empty()) log.sink_.add(level, line);
  return true;
}

LogScope::LogScope(LogSink& sink) : previous_(current_sink) { current_sink = &sink; }

LogScope::~LogScope() { current_sink = previous_; }

void install_log_callback() {
  static std::once_flag once;
  std::call_once(once, [] {
    keep_loaded();
    av_log_set_callback(on_log);
  });
}

}  // namespace fp::av
