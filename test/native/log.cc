// Whose messages are whose: other users of libavcodec in the process keep what
// they like in a context's `opaque`.
#include "../../native/av/log.h"

#include "../../native/av/ffmpeg.h"
#include "check.h"

namespace fp::test {

void check_log() {
  AVCodecContext* context = avcodec_alloc_context3(nullptr);
  CHECK(context != nullptr);
  if (context == nullptr) return;
  int strangers = 7;
  context->opaque = &strangers;
  av_log(context, AV_LOG_ERROR, "a stranger's message\n");
  context->opaque = reinterpret_cast<void*>(1);
  av_log(context, AV_LOG_ERROR, "another one\n");
  {
    av::LogSink sink;
    sink.begin(false);
    av::PacketLog log(sink, 1);
    context->opaque = log.tag(3);
    av_log(context, AV_LOG_ERROR, "ours\n");
    CHECK_EQUAL(sink.tail().size(), size_t{1});
    CHECK_EQUAL(log.complaint(0, 9), int64_t{3});
    CHECK_EQUAL(log.complaint(0, 2), int64_t{-1});
    CHECK_EQUAL(log.complaint(4, 9), int64_t{-1});
    context->opaque = &sink;
    av_log(context, AV_LOG_ERROR, "not a tag of ours\n");
    CHECK_EQUAL(sink.tail().size(), size_t{1});
    // Of a macroblock that was not read in full something stays.
    CHECK_EQUAL(log.leftover(0, INT64_MAX), int64_t{-1});
    context->opaque = log.tag(4);
    av_log(context, AV_LOG_ERROR, "error while decoding MB 5 1\n");
    CHECK_EQUAL(log.leftover(0, INT64_MAX), int64_t{4});
    // Too many that are kept are the matter of those behind; with threads the next packet's tells.
    context->opaque = log.tag(7);
    av_log(context, AV_LOG_ERROR, "number of reference frames (1+2) exceeds max\n");
    CHECK_EQUAL(log.complaint(5, 9), int64_t{7});
    CHECK_EQUAL(log.complaint_of_picture(7, 7), int64_t{-1});
    CHECK_EQUAL(log.complaint_of_picture(7, 8), int64_t{7});
    av::PacketLog threaded(sink, 2);
    context->opaque = threaded.tag(7);
    av_log(context, AV_LOG_ERROR, "number of reference frames (1+2) exceeds max\n");
    CHECK_EQUAL(threaded.complaint(0, 9), int64_t{6});
    context->opaque = log.tag(5);
  }
  // What is gone is nobody's.
  av_log(context, AV_LOG_ERROR, "too late\n");
  avcodec_free_context(&context);
  CHECK_EQUAL(strangers, 7);
}

}  // namespace fp::test
