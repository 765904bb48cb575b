/** Names, and what they have in common; the page docs/codecs.md is made of them. */
interface NameGroup {
  readonly title: string;
  readonly names: readonly string[];
}

function group(title: string, names: string): NameGroup {
  return { title, names: names.trim().split(/\s+/) };
}

/**
 * Containers that carry media themselves, by the names of FFmpeg's demuxers. Left out on purpose: everything that names other
 * files or addresses (hls, dash, concat, image2, sdp, imf, ...), devices, and text formats.
 */
export const formats: readonly NameGroup[] = [
  group(
    "Files and recordings",
    "mov mp4 m4a 3gp 3g2 mj2 matroska webm avi mpegts mpeg flv live_flv kux asf ogg nut rm wtv dv",
  ),
  group("Professional", "mxf gxf swf yuv4mpegpipe"),
  group(
    "Streams of one codec",
    `h264 hevc vvc h263 h261 m4v mpegvideo mjpeg ivf obu av1 vc1 vc1test dirac cavsvideo avs2 avs3`,
  ),
  group(
    "Pictures",
    "gif apng png_pipe jpeg_pipe webp_pipe bmp_pipe tiff_pipe gif_pipe jpegls_pipe j2k_pipe jpegxl_pipe qoi_pipe",
  ),
  group(
    "Sound",
    "mp3 aac flac wav w64 aiff au amr amrnb amrwb ac3 eac3 dts caf tta wv ape loas truehd mlp voc rso sox",
  ),
];

/** What is decoded without being asked for, by FFmpeg's names of codecs: what people film, edit, send, sell and archive. */
export const videoCodecs: readonly NameGroup[] = [
  group("Today's", "h264 hevc vvc av1 vp8 vp9"),
  group("Discs and broadcasting", "mpeg1video mpeg2video vc1 cavs avs2 avs3 dirac dvvideo"),
  group(
    "The web's and players' older ones",
    `mpeg4 msmpeg4v1 msmpeg4v2 msmpeg4v3 h261 h263 h263i h263p flv1 theora wmv1 wmv2 wmv3 vp3 vp4 vp5 vp6 vp6a vp6f vp7
    rv10 rv20 rv30 rv40 rv60 svq1 svq3 cinepak indeo2 indeo3 indeo4 indeo5 snow`,
  ),
  group(
    "Cameras and editing",
    `mjpeg mjpegb jpeg2000 jpegls prores prores_raw dnxhd cfhd hap dxv hq_hqa hqx speedhq pixlet media100 avrp r10k r210
    v210 v210x v308 v408 v410 y41p yuv4 avui asv1 asv2`,
  ),
  group("Lossless", "ffv1 huffyuv ffvhuff hymt utvideo lagarith rawvideo"),
  group("QuickTime's and Windows's early ones", "qtrle rpza smc 8bps qdraw msrle msvideo1"),
  group("Pictures", "png apng gif bmp tiff webp webp_anim qoi jpegxl jpegxl_anim targa psd pam ppm pgm pbm sgi"),
];

export const audioCodecs: readonly NameGroup[] = [
  group(
    "Today's",
    "aac aac_latm mp3 mp3adu mp3on4 mp2 mp1 opus vorbis flac alac ac3 eac3 truehd mlp dts wavpack tta ape mp4als",
  ),
  group(
    "Players' and telephones' older ones",
    `wmav1 wmav2 wmapro wmalossless wmavoice cook ra_144 ra_288 sipr ralf atrac1 atrac3 atrac3p atrac3al qdm2 qdmc qcelp evrc
    amr_nb amr_wb gsm gsm_ms speex nellymoser mace3 mace6 ilbc g723_1 g729 truespeech dst dolby_e s302m comfortnoise`,
  ),
  group(
    "PCM",
    `pcm_alaw pcm_mulaw pcm_bluray pcm_dvd pcm_lxf pcm_vidc pcm_s24daud pcm_f16le pcm_f24le pcm_f32be pcm_f32le pcm_f64be
    pcm_f64le pcm_s8 pcm_s8_planar pcm_s16be pcm_s16be_planar pcm_s16le pcm_s16le_planar pcm_s24be pcm_s24le pcm_s24le_planar
    pcm_s32be pcm_s32le pcm_s32le_planar pcm_s64be pcm_s64le pcm_u8 pcm_u16be pcm_u16le pcm_u24be pcm_u24le pcm_u32be pcm_u32le`,
  ),
  group("ADPCM", "adpcm_ima_wav adpcm_ima_qt adpcm_ms adpcm_swf adpcm_yamaha adpcm_g722 adpcm_g726 adpcm_g726le"),
];

/** As FFmpeg takes lists: with commas between. */
function listed(groups: readonly NameGroup[]): string {
  return groups.flatMap(({ names }) => names).join(",");
}

export const allowedFormats = listed(formats);
const usualCodecs = listed([...videoCodecs, ...audioCodecs]);

/** `more`: what the caller asks for besides. */
export function allowedCodecs(more: readonly string[]): string {
  return more.length === 0 ? usualCodecs : [usualCodecs, ...more].join(",");
}
