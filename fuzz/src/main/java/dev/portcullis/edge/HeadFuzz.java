package dev.portcullis.edge;

import dev.portcullis.fuzz.Finding;
import dev.portcullis.fuzz.Pieces;
import dev.portcullis.http.BodyEnd;
import dev.portcullis.http.Refusal;
import dev.portcullis.http.RequestHead;
import dev.portcullis.upstream.Forwarded;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Requests, heads and bodies, one after the other on a connection: whole or in pieces they read the
 * same, and what we write for the Gateway reads as what we judged.
 */
public final class HeadFuzz {
    private static final int HEAD_MAX = 4 * 1024;
    private static final int FIELDS_MAX = 64;
    private static final int BODY_MAX = 8 * 1024;

    private HeadFuzz() {}

    /** One input. */
    public static void fuzzerTestOneInput(byte[] input) {
        try (var pieces = new Pieces()) {
            var requests = new ArrayList<RequestHead>();
            var whole = read(pieces, pieces.whole(input), requests);
            var cut = read(pieces, pieces.cut(input), new ArrayList<>());
            Finding.unlessEqual(whole, cut, "whole and in pieces differ");
            requests.forEach(request -> Forwarded.check(request, pieces.allocator()));
        }
    }

    private static List<String> read(
            Pieces from, List<ByteBuf> pieces, List<RequestHead> requests) {
        var reader = new Http1RequestReader(HEAD_MAX, FIELDS_MAX, BODY_MAX);
        var seen = new ArrayList<String>();
        var body = new StringBuilder();
        for (var piece : pieces) {
            reader.offer(from.allocator(), piece);
            while (drain(reader, seen, body, requests)) {
                reader.nextRequest();
            }
        }
        reader.release();
        seen.add("body so far: " + body);
        return seen;
    }

    /** Whether a request is complete, and the next may be read. */
    private static boolean drain(
            Http1RequestReader reader,
            List<String> seen,
            StringBuilder body,
            List<RequestHead> requests) {
        for (Object message; (message = reader.poll()) != null; ) {
            switch (message) {
                case RequestHead head -> {
                    requests.add(head);
                    seen.add(head.method() + " " + head.target().full() + " " + head);
                }
                case ByteBuf data -> {
                    body.append(data.toString(StandardCharsets.ISO_8859_1));
                    data.release();
                }
                case BodyEnd _ -> seen.add("end of " + body);
                case Refusal refusal -> seen.add(refusal.toString());
                default -> throw new IllegalStateException(message.toString());
            }
        }
        return reader.isComplete();
    }
}
