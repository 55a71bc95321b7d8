package dev.portcullis.edge;

import static io.netty.handler.codec.http2.Http2CodecUtil.MAX_HEADER_LIST_SIZE;

import dev.portcullis.http.Field;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * A field list as HPACK decoded it: each field, in its order, in the spelling it came in. Towards
 * Netty it is empty, so that nothing there reorders, joins or corrects what our own gate must see,
 * and never too long, so that our own gate says what becomes of it.
 */
final class FieldList extends DefaultHttp2Headers {
    /** What each field costs besides its bytes (RFC 9113 §6.5.2). */
    static final int FIELD_OVERHEAD = 32;

    /** Of a stream and its stages. */
    private static final int REQUEST_BYTES = 1024;

    private final List<Field> fields = new ArrayList<>(24);
    private final long bytesMax;
    private long bytes;

    private FieldList(long bytesMax) {
        super(false);
        this.bytesMax = bytesMax;
    }

    /**
     * Decodes field lists; of one that is longer, nothing more is kept.
     *
     * @param bytesMax of a field list, counted as RFC 9113 §6.5.2 says
     * @param blockMax bytes of it packed; beyond that the connection ends
     * @param decoded is told the bytes of each, counted likewise
     */
    static DefaultHttp2HeadersDecoder decoder(long bytesMax, long blockMax, LongConsumer decoded) {
        return new DefaultHttp2HeadersDecoder(false, MAX_HEADER_LIST_SIZE) {
            @Override
            public Http2Headers decodeHeaders(int stream, ByteBuf block) throws Http2Exception {
                var list = super.decodeHeaders(stream, block);
                decoded.accept(((FieldList) list).bytes);
                return list;
            }

            @Override
            protected Http2Headers newHeaders() {
                return new FieldList(bytesMax);
            }

            @Override
            public long maxHeaderListSizeGoAway() {
                return blockMax;
            }

            @Override
            public void maxHeaderListSize(long max, long goAwayMax) {
                // What we announce is for the client; a list that is longer gets our own 431.
            }
        };
    }

    @Override
    public Http2Headers add(CharSequence name, CharSequence value) {
        bytes += name.length() + value.length() + FIELD_OVERHEAD;
        if (!isTooLong()) {
            fields.add(new Field(name.toString(), value.toString())); // Byte by byte, as Latin-1.
        }
        return this;
    }

    /** Roughly what it takes in the heap, and the request that is made of it. */
    int heapBytes() {
        return (int) (2 * Math.min(bytes, bytesMax) + REQUEST_BYTES);
    }

    /** Whether there were more fields than these. */
    boolean isTooLong() {
        return bytes > bytesMax;
    }

    /** All of them, unless it is too long. */
    List<Field> fields() {
        return fields;
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
