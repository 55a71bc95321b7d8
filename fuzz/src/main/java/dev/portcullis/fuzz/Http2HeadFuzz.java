package dev.portcullis.fuzz;

import dev.portcullis.http.Field;
import dev.portcullis.http.Http2RequestHeads;
import dev.portcullis.http.RequestHead;
import dev.portcullis.upstream.Forwarded;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;

/**
 * Field lists of HTTP/2 requests, one field a line, name and value parted by the first tab: what
 * passes is written for the Gateway as a request that reads as what was judged.
 */
public final class Http2HeadFuzz {
    private static final int BYTES_MAX = 4 * 1024;
    private static final int FIELDS_MAX = 64;

    private Http2HeadFuzz() {}

    /** One input; whether its first byte is odd says whether the stream ends with it. */
    public static void fuzzerTestOneInput(byte[] input) {
        var list = new ArrayList<Field>();
        for (var line : new String(input, StandardCharsets.ISO_8859_1).split("\n", -1)) {
            int tab = line.indexOf('\t');
            list.add(
                    tab < 0
                            ? new Field(line, "")
                            : new Field(line.substring(0, tab), line.substring(tab + 1)));
        }
        boolean complete = input.length % 2 == 1;
        if (Http2RequestHeads.parse(list, complete, BYTES_MAX, FIELDS_MAX)
                instanceof RequestHead request) {
            try (var pieces = new Pieces()) {
                Forwarded.check(request, pieces.allocator());
            }
        }
    }
}
