// Bytes at a position: what libavformat reads through. No FFmpeg path or URL is ever opened.
#pragma once

#include <cstdint>
#include <string>

namespace fp::av {

class ByteSource {
 public:
  ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  virtual ~ByteSource() = default;
  /// Size in bytes. It changes by nothing but a read, which may find that the end comes earlier.
  virtual int64_t size() const = 0;
  /// Reads up to `length` (> 0) bytes at `position` (>= 0). Returns the number read, 0 at the end, or a negative
  /// AVERROR. Never throws.
  virtual int read(int64_t position, uint8_t* target, int length) noexcept = 0;
  /// A read of a few bytes costs next to nothing: they are asked of nobody else.
  virtual bool is_near() const { return true; }
};

/// Throws what a failed read is to the user: kCancelled for AVERROR_EXIT, E_IO otherwise. AVERROR_EOF: bytes that there
/// should be were not there.
[[noreturn]] void throw_read_failure(int error);

/// What tells one version of a file from another: the numbers of Node's fs.stat.
struct FileIdentity {
  uint64_t device = 0;
  uint64_t inode = 0;
  int64_t size = 0;
  int64_t modified_ns = 0;
};

/// An open file as the system knows it: a descriptor, on Windows a HANDLE.
#ifdef _WIN32
using SystemFile = void*;
#else
using SystemFile = int;
#endif

/// A local file, read at positions. While it is open, others may write, rename and delete it.
class FileSource final : public ByteSource {
 public:
  /// A path, of any bytes; on Windows in UTF-8, and one that needs no more normalising. Throws E_NOT_FOUND, E_ACCESS,
  /// E_NOT_A_FILE or E_IO.
  explicit FileSource(const std::string& path);
  /// A file that somebody else has open and may close at any time. Reads at positions of its own: the other's stays
  /// where it is.
  explicit FileSource(SystemFile borrowed);
  ~FileSource() override;
  int64_t size() const override { return identity_.size; }
  int read(int64_t position, uint8_t* target, int length) noexcept override;
  const FileIdentity& identity() const { return identity_; }

 private:
  void identify();

  SystemFile file_;
  FileIdentity identity_;
};

/// Bytes that somebody else keeps alive and unchanged for as long as this lives.
class MemorySource final : public ByteSource {
 public:
  MemorySource(const uint8_t* data, int64_t size) : data_(data), size_(size) {}
  int64_t size() const override { return size_; }
  int read(int64_t position, uint8_t* target, int length) noexcept override;

 private:
  const uint8_t* data_;
  int64_t size_;
};

}  // namespace fp::av
