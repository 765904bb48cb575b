#ifdef _WIN32

#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <windows.h>

#include <cerrno>
#include <iterator>
#include <string>

#include "byte_source.h"
#include "error.h"
#include "ffmpeg.h"

namespace fp::av {

namespace {

/// Everything: what somebody watches can be written, renamed and deleted, as on other systems.
constexpr DWORD kShareAll = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

std::wstring wide(const std::string& text) {
  const auto length = static_cast<int>(text.size());
  std::wstring result(text.size(), L'\0');
  const int count = MultiByteToWideChar(CP_UTF8, 0, text.data(), length, result.data(), length);
  result.resize(static_cast<size_t>(count));
  return result;
}

std::string narrow(const wchar_t* text, int length) {
  std::string result(static_cast<size_t>(length) * 3, '\0');
  const auto room = static_cast<int>(result.size());
  const int count = WideCharToMultiByte(CP_UTF8, 0, text, length, result.data(), room, nullptr, nullptr);
  result.resize(static_cast<size_t>(count));
  return result;
}

/// In the language of the system.
std::string text_of(DWORD error) {
  wchar_t text[256];
  constexpr DWORD kFlags = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS;
  DWORD length = FormatMessageW(kFlags, nullptr, error, 0, text, static_cast<DWORD>(std::size(text)), nullptr);
  while (length > 0 && text[length - 1] <= L' ') length--;
  if (length == 0) return "error " + std::to_string(error) + " of Windows";
  return narrow(text, static_cast<int>(length));
}

[[noreturn]] void throw_error(DWORD error) {
  switch (error) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_NAME:
    case ERROR_INVALID_DRIVE:
    case ERROR_BAD_PATHNAME:
    case ERROR_BAD_NETPATH:
    case ERROR_BAD_NET_NAME:
    case ERROR_DIRECTORY:
      throw Error("E_NOT_FOUND", "no such file", AVERROR(ENOENT));
    case ERROR_ACCESS_DENIED:
    case ERROR_PRIVILEGE_NOT_HELD:
      throw Error("E_ACCESS", "not allowed to read it", AVERROR(EACCES));
    default:
      throw Error("E_IO", "cannot open it: " + text_of(error), AVERROR(EIO));
  }
}

uint64_t joined(DWORD high, DWORD low) { return static_cast<uint64_t>(high) << 32 | low; }

/// Windows counts units of 100 ns from 1601 on, everybody else from 1970.
int64_t unix_ns(const FILETIME& time) {
  constexpr int64_t kBegin = 116'444'736'000'000'000;
  return (static_cast<int64_t>(joined(time.dwHighDateTime, time.dwLowDateTime)) - kBegin) * 100;
}

/// A handle of one's own, where possible with a position of its own. A file that was deleted while open cannot be
/// opened again: then both share one position, and the reads, which all state theirs, move the other's.
HANDLE own_handle(HANDLE borrowed) {
  HANDLE own = ReOpenFile(borrowed, GENERIC_READ, kShareAll, 0);
  if (own != INVALID_HANDLE_VALUE) return own;
  const HANDLE process = GetCurrentProcess();
  if (!DuplicateHandle(process, borrowed, process, &own, 0, FALSE, DUPLICATE_SAME_ACCESS)) throw_error(GetLastError());
  return own;
}

}  // namespace

FileSource::FileSource(const std::string& path) {
  // With the flag directories open too, so that they can be told from what is not there.
  file_ = CreateFileW(wide(path).c_str(), GENERIC_READ, kShareAll, nullptr, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS,
                      nullptr);
  if (file_ == INVALID_HANDLE_VALUE) throw_error(GetLastError());
  identify();
}

FileSource::FileSource(SystemFile borrowed) : file_(own_handle(borrowed)) { identify(); }

void FileSource::identify() {
  BY_HANDLE_FILE_INFORMATION status{};
  const bool on_disk = GetFileType(file_) == FILE_TYPE_DISK;
  const bool known = on_disk && GetFileInformationByHandle(file_, &status) != 0;
  const DWORD error = GetLastError();
  const bool directory = known && (status.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
  if (!known || directory) {
    CloseHandle(file_);
    if (on_disk && !known) throw_error(error);
    throw Error("E_NOT_A_FILE", directory ? "it is a directory" : "it is not a regular file");
  }
  identity_ = {status.dwVolumeSerialNumber, joined(status.nFileIndexHigh, status.nFileIndexLow),
               static_cast<int64_t>(joined(status.nFileSizeHigh, status.nFileSizeLow)),
               unix_ns(status.ftLastWriteTime)};
}

FileSource::~FileSource() { CloseHandle(file_); }

int FileSource::read(int64_t position, uint8_t* target, int length) noexcept {
  OVERLAPPED at{};
  at.Offset = static_cast<DWORD>(position & 0xffffffff);
  at.OffsetHigh = static_cast<DWORD>(position >> 32);
  DWORD count = 0;
  if (ReadFile(file_, target, static_cast<DWORD>(length), &count, &at)) return static_cast<int>(count);
  return GetLastError() == ERROR_HANDLE_EOF ? 0 : AVERROR(EIO);
}

}  // namespace fp::av

#endif
