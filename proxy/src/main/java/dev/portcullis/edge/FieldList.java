package dev.portcullis.edge;

import dev.portcullis.http.Field;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.ArrayList;
import java.util.List;

/**
 * A field list as HPACK decoded it: each field, in its order, in the spelling it came in. Towards
 * Netty it is empty, so that nothing there reorders, joins or corrects what our own gate must see.
 */
final class FieldList extends DefaultHttp2Headers {
    private final List<Field> fields = new ArrayList<>(24);

    private FieldList() {
        super(false);
    }

    /** Decodes field lists that may be that long, counted as RFC 9113 §6.5.2 says. */
    static DefaultHttp2HeadersDecoder decoder(long bytesMax) {
        return new DefaultHttp2HeadersDecoder(false, bytesMax) {
            @Override
            protected Http2Headers newHeaders() {
                return new FieldList();
            }

            @Override
            public void maxHeaderListSize(long max, long goAwayMax) {
                // What we announce is less, so that a head a little too long gets our own 431.
            }
        };
    }

    @Override
    public Http2Headers add(CharSequence name, CharSequence value) {
        fields.add(new Field(name.toString(), value.toString())); // Byte by byte, as Latin-1.
        return this;
    }

    /** All of them. */
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
