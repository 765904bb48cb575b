// The parts of FFmpeg that the packages hold, by FFmpeg's own names (`*` as in its configure): what reads, decodes and parses.
const words = (text) => text.trim().split(/\s+/);

export const components = {
  demuxer: words(`
    mov matroska avi mpegts mpegps flv live_flv kux asf ogg gif apng h264 hevc vvc h263 h261 m4v mpegvideo mjpeg ivf obu av1 vc1
    vc1t dirac cavsvideo avs2 avs3 mxf gxf nut rm wtv dv swf yuv4mpegpipe image_png_pipe image_jpeg_pipe image_webp_pipe
    image_bmp_pipe image_tiff_pipe image_gif_pipe image_jpegls_pipe image_j2k_pipe image_jpegxl_pipe image_qoi_pipe
    mp3 aac flac wav w64 aiff au amr amrnb amrwb ac3 eac3 dts caf tta wv ape loas truehd mlp voc rso sox`),
  // AV1 is dav1d's: FFmpeg's own decoder of that name is only for hardware.
  decoder: words(`
    h264 hevc vvc vp3 vp4 vp5 vp6 vp6a vp6f vp7 vp8 vp9 libdav1d mpeg1video mpeg2video mpegvideo mpeg4 msmpeg4v1 msmpeg4v2
    msmpeg4v3 h261 h263 h263i h263p flv flashsv flashsv2 theora wmv1 wmv2 wmv3 vc1 wmv3image vc1image mss1 mss2 mjpeg mjpegb
    jpegls jpeg2000 prores prores_raw dnxhd cfhd huffyuv ffvhuff hymt ffv1 utvideo magicyuv lagarith rawvideo v210 v210x r210
    r10k avrp y41p yuv4 zero12v wrapped_avframe png apng gif bmp tiff webp qoi svq1 svq3 cinepak indeo2 indeo3 indeo4 indeo5
    rv10 rv20 rv30 rv40 rv60 dvvideo dirac cavs snow eightbps qtrle rpza smc qdraw msrle msvideo1 cscd tscc tscc2 zmbv zlib mszh
    fraps aasc asv1 asv2 truemotion1 truemotion2 hap dxv hq_hqa hqx screenpresso g2m cljr cyuv aura aura2 ulti vcr1 vble loco
    kgv1 dxa rscc mwsc wcmv vqc speedhq pixlet sheervideo mvha mvdv notchlc photocd media100 rtv1 pam ppm pgm pbm targa psd sgi
    aac aac_latm ac3 eac3 alac als ape amrnb amrwb flac mp1 mp1float mp2 mp2float mp3 mp3float mp3adu mp3adufloat mp3on4
    mp3on4float opus vorbis wavpack tta truehd mlp dca wmav1 wmav2 wmapro wmalossless wmavoice cook ra_144 ra_288 sipr ralf
    atrac1 atrac3 atrac3p atrac3al qdm2 qdmc qcelp evrc gsm gsm_ms speex nellymoser mace3 mace6 s302m ilbc g723_1 g729
    truespeech imc metasound twinvq on2avc bonk shorten dst dolby_e comfortnoise adpcm_*
    pcm_alaw pcm_bluray pcm_dvd pcm_f16le pcm_f24le pcm_f32be pcm_f32le pcm_f64be pcm_f64le pcm_lxf pcm_mulaw pcm_s16be
    pcm_s16be_planar pcm_s16le pcm_s16le_planar pcm_s24be pcm_s24daud pcm_s24le pcm_s24le_planar pcm_s32be pcm_s32le
    pcm_s32le_planar pcm_s64be pcm_s64le pcm_s8 pcm_s8_planar pcm_u16be pcm_u16le pcm_u24be pcm_u24le pcm_u32be pcm_u32le
    pcm_u8 pcm_vidc`),
  parser: words("*"),
  bsf: words(`
    vp9_superframe_split av1_frame_merge av1_frame_split h264_mp4toannexb hevc_mp4toannexb vvc_mp4toannexb extract_extradata
    aac_adtstoasc mpeg4_unpack_bframes mjpeg2jpeg null`),
};

/** FFmpeg's configure gets these and nothing else. */
export function componentFlags(chosen = components) {
  const flags = Object.entries(chosen).map(([kind, names]) => `--enable-${kind}=${names.join(",")}`);
  return ["--disable-everything", ...flags];
}
