package dev.portcullis.edge;

import dev.portcullis.http.BodyEnd;
import dev.portcullis.http.Field;
import dev.portcullis.http.Fields;
import dev.portcullis.http.LocalResponse;
import dev.portcullis.http.ResponseHead;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Writes answers of our own, with the fields that every one of them carries. */
final class OwnAnswers {
    /** RFC 6797 §6.1, for a year. Not for subdomains: those are not ours to decide for. */
    private static final Field TRANSPORT_SECURITY =
            new Field("strict-transport-security", "max-age=31536000");

    private static final List<Field> COMMON =
            List.of(
                    new Field("cache-control", "no-store"),
                    new Field("x-content-type-options", "nosniff"),
                    new Field("referrer-policy", "no-referrer"),
                    new Field("cross-origin-opener-policy", "same-origin"),
                    new Field("cross-origin-resource-policy", "same-origin"),
                    new Field(
                            "permissions-policy",
                            "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
                    new Field(
                            "content-security-policy",
                            "default-src 'none'; frame-ancestors 'none'"));

    /** IMF-fixdate (RFC 9110 §5.6.7), whose day has two digits. */
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private OwnAnswers() {}

    /** Writes the whole answer and flushes it. */
    static void write(
            ChannelHandlerContext ctx, LocalResponse response, String requestId, Instant now) {
        var fields = new ArrayList<Field>(16);
        response.fields().forEach(fields::add);
        for (var common : COMMON) {
            if (!response.fields().has(common.name())) {
                fields.add(common);
            }
        }
        fields.add(new Field("date", DATE.format(now)));
        addToEvery(fields, requestId);
        int length = response.body().length();
        ctx.write(AnswerSignal.OURS);
        ctx.write(new ResponseHead(response.status(), Fields.of(fields), length));
        if (length > 0) {
            ctx.write(Unpooled.wrappedBuffer(response.body().toByteArray()));
        }
        ctx.writeAndFlush(BodyEnd.END);
    }

    /** The Gateway's head with what every answer through this door carries. */
    static ResponseHead relayed(ResponseHead head, String requestId) {
        var fields = head.fields().plus(TRANSPORT_SECURITY, new Field("x-request-id", requestId));
        return new ResponseHead(head.status(), fields, head.bodyLength());
    }

    private static void addToEvery(List<Field> fields, String requestId) {
        fields.add(TRANSPORT_SECURITY);
        fields.add(new Field("x-request-id", requestId));
    }
}
