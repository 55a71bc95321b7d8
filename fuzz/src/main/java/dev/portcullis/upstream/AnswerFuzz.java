package dev.portcullis.upstream;

import dev.portcullis.fuzz.Finding;
import dev.portcullis.fuzz.Pieces;
import dev.portcullis.http.BodyEnd;
import dev.portcullis.http.GatewayAnswer;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Answers of the Gateway; the first byte says to what kind of request. Whole or in pieces they read
 * the same, and a connection is used again only behind a whole answer with nothing left over.
 */
public final class AnswerFuzz {
    private AnswerFuzz() {}

    /** One input. */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        var answer = Arrays.copyOfRange(input, 1, input.length);
        try (var pieces = new Pieces()) {
            var whole = read(input[0], pieces, pieces.whole(answer));
            Finding.unlessEqual(
                    whole,
                    read(input[0], pieces, pieces.cut(answer)),
                    "whole and in pieces differ");
        }
    }

    private static List<String> read(int kind, Pieces from, List<ByteBuf> pieces) {
        var reader = new GatewayAnswerReader();
        reader.expect((kind & 1) != 0, (kind & 2) != 0);
        var seen = new ArrayList<String>();
        var body = new StringBuilder();
        boolean over = false;
        for (var piece : pieces) {
            reader.offer(from.allocator(), piece);
            over |= drain(reader, seen, body);
        }
        seen.add("body: " + body);
        boolean reusable = reader.isReusable();
        seen.add("reusable: " + reusable);
        Finding.unless(over || !reusable, "used again before its answer is whole");
        reader.release();
        return seen;
    }

    private static boolean drain(
            GatewayAnswerReader reader, List<String> seen, StringBuilder body) {
        boolean over = false;
        for (Object message; (message = reader.poll()) != null; ) {
            switch (message) {
                case GatewayAnswer.Head head -> seen.add(head.toString());
                case GatewayAnswer.Refused refused -> seen.add(refused.toString());
                case ByteBuf data -> {
                    body.append(data.toString(StandardCharsets.ISO_8859_1));
                    data.release();
                }
                case BodyEnd _ -> {
                    over = true;
                    seen.add("end");
                }
                default -> throw new IllegalStateException(message.toString());
            }
        }
        return over;
    }
}
