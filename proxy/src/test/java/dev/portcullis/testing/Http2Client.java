package dev.portcullis.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Speaks HTTP/2 frame by frame, as wrongly as it is told to. Reads what comes back. */
public final class Http2Client implements AutoCloseable {
    /** Frame types (RFC 9113 §6). */
    public static final int DATA = 0;

    public static final int HEADERS = 1;
    public static final int PRIORITY = 2;
    public static final int RST_STREAM = 3;
    public static final int SETTINGS = 4;
    public static final int PING = 6;
    public static final int GOAWAY = 7;
    public static final int WINDOW_UPDATE = 8;
    public static final int CONTINUATION = 9;

    /** Flags. */
    public static final int END_STREAM = 1;

    public static final int END_HEADERS = 4;

    /**
     * A frame of the door.
     *
     * @param fields of HEADERS, as {@code name: value} lines
     */
    @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
    public record Frame(int type, int flags, int stream, byte[] payload, List<String> fields) {
        /** Whether it ends its stream. */
        public boolean ends() {
            return type == RST_STREAM
                    || ((type == DATA || type == HEADERS) && (flags & END_STREAM) != 0);
        }

        /** The error code of RST_STREAM or GOAWAY. */
        public int error() {
            if (type == GOAWAY && payload.length != 8) {
                throw new AssertionError("a GOAWAY that says more than a code");
            }
            return ByteBuffer.wrap(payload).getInt(type == GOAWAY ? 4 : 0);
        }

        /** The last stream that GOAWAY names. */
        public int lastStream() {
            return ByteBuffer.wrap(payload).getInt();
        }
    }

    /**
     * All that came on one stream.
     *
     * @param status 0 if it ended in a reset alone
     * @param reset its error code, or -1
     */
    public record Answer(int status, List<String> fields, String body, int reset) {}

    private final RawClient client;
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);
    private final List<Frame> unread = new ArrayList<>();
    private int lastStream = -1;

    public Http2Client(RawClient client) {
        this.client = client;
        if (!client.protocol().equals("h2")) {
            throw new AssertionError("the door speaks " + client.protocol());
        }
        client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        frame(SETTINGS, 0, 0, new byte[0]);
    }

    /** A stream id that was not used yet. */
    public int newStream() {
        lastStream += 2;
        return lastStream;
    }

    /** Sends any frame. */
    public Http2Client frame(int type, int flags, int stream, byte[] payload) {
        client.send(bytes(type, flags, stream, payload));
        return this;
    }

    /** The bytes of any frame. */
    public static byte[] bytes(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >> 16))
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    /** Sends bytes as they are. */
    public Http2Client raw(byte[] bytes) {
        client.send(bytes);
        return this;
    }

    /**
     * Names and values in turn, as literals without Huffman coding or a table (RFC 7541 §6.2.2).
     */
    public static byte[] block(List<String> namesAndValues) {
        var out = new ByteArrayOutputStream();
        for (int i = 0; i < namesAndValues.size(); i += 2) {
            out.write(0);
            string(out, namesAndValues.get(i));
            string(out, namesAndValues.get(i + 1));
        }
        return out.toByteArray();
    }

    private static void string(ByteArrayOutputStream out, String text) {
        int length = text.length();
        if (length < 127) {
            out.write(length);
        } else {
            out.write(127);
            int rest = length - 127;
            for (; rest >= 128; rest >>= 7) {
                out.write(rest % 128 + 128);
            }
            out.write(rest);
        }
        out.writeBytes(text.getBytes(ISO_8859_1));
    }

    /** Opens a stream with a head; its id. */
    public int request(boolean end, List<String> namesAndValues) {
        int stream = newStream();
        head(stream, end, block(namesAndValues));
        return stream;
    }

    /** Sends a field block, in as many frames as it takes. */
    public Http2Client head(int stream, boolean end, byte[] block) {
        int max = 16 * 1024;
        int flags = end ? END_STREAM : 0;
        for (int at = 0, type = HEADERS; at == 0 || at < block.length; at += max) {
            int to = Math.min(block.length, at + max);
            int last = to == block.length ? END_HEADERS : 0;
            frame(type, flags | last, stream, java.util.Arrays.copyOfRange(block, at, to));
            type = CONTINUATION;
            flags = 0;
        }
        return this;
    }

    /** Sends a piece of a body. */
    public Http2Client data(int stream, boolean end, String bytes) {
        return frame(DATA, end ? END_STREAM : 0, stream, bytes.getBytes(ISO_8859_1));
    }

    /** The door's SETTINGS, which come first of all. */
    public Frame settings() {
        return receive();
    }

    /** The next frame but for SETTINGS, or null if the door closed. */
    public Frame read() {
        if (!unread.isEmpty()) {
            return unread.removeFirst();
        }
        while (true) {
            var frame = receive();
            if (frame == null || frame.type() != SETTINGS) {
                return frame;
            }
        }
    }

    private Frame receive() {
        var head = readOrNull(9);
        if (head == null) {
            return null;
        }
        var in = ByteBuffer.wrap(head);
        int length = (in.get() & 0xFF) << 16 | (in.getShort() & 0xFFFF);
        int type = in.get();
        int flags = in.get();
        int stream = in.getInt();
        var payload = readOrNull(length);
        if (payload == null) {
            return null;
        }
        var fields = new ArrayList<String>();
        if (type == HEADERS) {
            try {
                decoder.decodeHeaders(stream, Unpooled.wrappedBuffer(payload))
                        .forEach(field -> fields.add(field.getKey() + ": " + field.getValue()));
            } catch (Http2Exception e) {
                throw new AssertionError(e);
            }
        }
        return new Frame(type, flags, stream, payload, fields);
    }

    private byte[] readOrNull(int count) {
        try {
            return client.read(count).getBytes(ISO_8859_1);
        } catch (UncheckedIOException | AssertionError closed) {
            return null;
        }
    }

    /** Reads on until such a frame comes; null if the door closes before. */
    public Frame await(Predicate<Frame> wanted) {
        var passed = new ArrayList<Frame>();
        Frame frame = read();
        while (frame != null && !wanted.test(frame)) {
            passed.add(frame);
            frame = read();
        }
        unread.addAll(0, passed);
        return frame;
    }

    /** Everything on that stream up to its end. */
    public Answer answer(int stream) {
        var body = new StringBuilder();
        List<String> fields = List.of();
        int status = 0;
        while (true) {
            var frame = await(f -> f.stream() == stream && f.type() != WINDOW_UPDATE);
            if (frame == null) {
                throw new AssertionError("the door closed");
            }
            if (frame.type() == HEADERS) {
                fields = frame.fields();
                status = Integer.parseInt(fields.getFirst().substring(":status: ".length()));
            } else if (frame.type() == DATA) {
                body.append(new String(frame.payload(), ISO_8859_1));
            }
            if (frame.ends()) {
                int reset = frame.type() == RST_STREAM ? frame.error() : -1;
                return new Answer(status, fields, body.toString(), reset);
            }
        }
    }

    /** The error code of the door's GOAWAY; -1 if it closes without. */
    public int goAway() {
        var frame = await(f -> f.type() == GOAWAY);
        return frame == null ? -1 : frame.error();
    }

    /** Whether the door closes, whatever it says before. */
    public boolean isClosedByTheDoor() {
        return await(_ -> false) == null;
    }

    /** Eight bytes for PING. */
    public static byte[] opaque(String eight) {
        if (eight.length() != 8) {
            throw new IllegalArgumentException("not of eight bytes: " + eight);
        }
        return eight.getBytes(US_ASCII);
    }

    @Override
    public void close() {
        client.close();
    }
}
