package dev.portcullis.http;

import dev.portcullis.audit.Reason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns the bytes of an HTTP/1.1 request head into one clear request, or refuses it. Nothing is
 * repaired (RFC 9112 §2.2, §3, §5, §6.3; RFC 9110 §7.6.1, §10.1.1).
 */
public final class RequestHeads {
    private static final byte[] VERSION = " HTTP/1.1".getBytes(StandardCharsets.US_ASCII);

    /** Read here, and so not passed on as fields. */
    private static final Set<String> CONSUMED =
            Set.of(
                    "host",
                    "content-length",
                    "transfer-encoding",
                    "connection",
                    "expect",
                    "upgrade",
                    "keep-alive",
                    "te",
                    "trailer",
                    "proxy-connection",
                    "http2-settings");

    private RequestHeads() {}

    /**
     * Reads one head.
     *
     * @param bytes starts with the request line; {@code length} bytes up to and with the empty
     *     line, every LF preceded by CR. Changed while reading
     * @param fieldsMax how many fields it may have
     */
    public static ParsedRequest parse(byte[] bytes, int length, int fieldsMax) {
        int lineEnd = HeadSyntax.indexOfCr(bytes, 0, length);
        int methodEnd = 0;
        while (methodEnd < lineEnd && bytes[methodEnd] != ' ') {
            methodEnd++;
        }
        int targetEnd = lineEnd - VERSION.length;
        if (targetEnd <= methodEnd + 1 || bytes[lineEnd + 1] != '\n') {
            return Refusal.bad(Reason.HEAD_MALFORMED);
        }
        if (!Arrays.equals(bytes, targetEnd, lineEnd, VERSION, 0, VERSION.length)) {
            return Refusal.bad(Reason.VERSION_UNSUPPORTED);
        }
        var method = Method.of(HeadSyntax.latin1(bytes, 0, methodEnd));
        if (method == null) {
            return Refusal.bad(Reason.METHOD_UNKNOWN);
        }
        var target = Targets.parse(HeadSyntax.latin1(bytes, methodEnd + 1, targetEnd));
        if (target == null) {
            return Refusal.bad(Reason.TARGET_NOT_CANONICAL);
        }
        var fields = new ArrayList<Field>(24);
        var why = HeadSyntax.readFields(bytes, lineEnd + 2, length, fields, fieldsMax);
        if (why != null) {
            return new Refusal(why == Reason.HEAD_TOO_LARGE ? 431 : 400, why);
        }
        return assemble(method, target, fields);
    }

    private static ParsedRequest assemble(Method method, Target target, List<Field> fields) {
        var host = single(fields, "host");
        if (host == null || host.isEmpty()) {
            return Refusal.bad(Reason.HOST_MISSING);
        }
        var repeated = RepeatedFields.problem(fields);
        if (repeated != null) {
            return Refusal.bad(repeated);
        }
        var framing = Framing.ofRequest(fields);
        if (framing instanceof Framing.Refused(var status, var reason)) {
            return new Refusal(status, reason);
        }
        var connection = HeadSyntax.tokens(fields, "connection");
        if (connection == null) {
            return Refusal.bad(Reason.FIELD_VALUE_MALFORMED);
        }
        long bodyLength = ((Framing.Length) framing).bytes();
        var upgrade = Upgrades.requested(method, fields, connection, bodyLength);
        if (upgrade instanceof Upgrades.Refused(var reason)) {
            return Refusal.bad(reason);
        }
        return finish(
                RequestHead.Protocol.HTTP_1_1,
                method,
                target,
                host,
                fields,
                connection,
                bodyLength,
                upgrade instanceof Upgrades.WebSocket(var request) ? request : null);
    }

    /** The last check of either protocol, and the head as all that follows see it. */
    static ParsedRequest finish(
            RequestHead.Protocol protocol,
            Method method,
            Target target,
            String authority,
            List<Field> fields,
            List<String> connection,
            long bodyLength,
            @Nullable WebSocketRequest webSocket) {
        var expect = single(fields, "expect");
        if (expect != null && !expect.equalsIgnoreCase("100-continue")) {
            return new Refusal(417, Reason.EXPECTATION_UNKNOWN);
        }
        return new RequestHead(
                protocol,
                method,
                target,
                authority,
                endToEnd(fields, connection),
                bodyLength,
                expect != null && bodyLength != 0,
                webSocket,
                connection.contains("close"));
    }

    private static Fields endToEnd(List<Field> fields, List<String> connection) {
        var kept = new ArrayList<Field>(fields.size());
        for (int i = 0; i < fields.size(); i++) {
            var field = fields.get(i);
            boolean hopByHop = !connection.isEmpty() && connection.contains(field.name());
            if (!hopByHop && !CONSUMED.contains(field.name())) {
                kept.add(field);
            }
        }
        return Fields.owning(kept);
    }

    /** The only value of that name; null if there is none. Repeats were refused before. */
    static @Nullable String single(List<Field> fields, String name) {
        for (int i = 0; i < fields.size(); i++) {
            if (fields.get(i).name().equals(name)) {
                return fields.get(i).value();
            }
        }
        return null;
    }
}
