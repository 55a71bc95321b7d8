package dev.portcullis.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** Frames of HTTP/2 as bytes, right or wrong, to be sent by {@link Http2Client#raw} as one. */
public final class Http2Frames {
    /** Error codes (RFC 9113 §7). */
    public static final int PROTOCOL_ERROR = 1;

    public static final int FLOW_CONTROL_ERROR = 3;
    public static final int STREAM_CLOSED = 5;
    public static final int FRAME_SIZE_ERROR = 6;
    public static final int COMPRESSION_ERROR = 9;

    /** Flags of HEADERS and DATA. */
    public static final int PADDED = 8;

    public static final int PRIORITY_FLAG = 32;

    /** The largest window, and the largest number of most fields. */
    public static final int MOST = Integer.MAX_VALUE;

    private Http2Frames() {}

    /** One after the other. */
    public static byte[] all(byte[]... pieces) {
        var all = new ByteArrayOutputStream();
        for (var piece : pieces) {
            all.writeBytes(piece);
        }
        return all.toByteArray();
    }

    /** A head in one frame. */
    public static byte[] headers(int stream, boolean end, byte[] block) {
        int flags = Http2Client.END_HEADERS | (end ? Http2Client.END_STREAM : 0);
        return Http2Client.bytes(Http2Client.HEADERS, flags, stream, block);
    }

    /** The rest of a head, or the next piece of it. */
    public static byte[] continuation(int stream, boolean end, byte[] piece) {
        int flags = end ? Http2Client.END_HEADERS : 0;
        return Http2Client.bytes(Http2Client.CONTINUATION, flags, stream, piece);
    }

    /** A piece of a body, of so many zeros. */
    public static byte[] data(int stream, boolean end, int length) {
        int flags = end ? Http2Client.END_STREAM : 0;
        return Http2Client.bytes(Http2Client.DATA, flags, stream, new byte[length]);
    }

    /** CANCEL. */
    public static byte[] reset(int stream) {
        return Http2Client.bytes(Http2Client.RST_STREAM, 0, stream, number(8));
    }

    /** WINDOW_UPDATE. */
    public static byte[] window(int stream, int more) {
        return Http2Client.bytes(Http2Client.WINDOW_UPDATE, 0, stream, number(more));
    }

    /** PRIORITY. */
    public static byte[] priority(int stream, int dependency) {
        return Http2Client.bytes(Http2Client.PRIORITY, 0, stream, dependency(dependency));
    }

    /** What PRIORITY says, and HEADERS may say first. */
    public static byte[] dependency(int stream) {
        return all(number(stream), new byte[] {15});
    }

    /** SETTINGS of one parameter. */
    public static byte[] setting(int id, long value) {
        return Http2Client.bytes(Http2Client.SETTINGS, 0, 0, parameter(id, value));
    }

    /** A parameter of SETTINGS. */
    public static byte[] parameter(int id, long value) {
        return ByteBuffer.allocate(6).putShort((short) id).putInt((int) value).array();
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }
}
