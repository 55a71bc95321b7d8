package dev.portcullis.http;

import dev.portcullis.audit.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns the field list of an HTTP/2 request into one clear request, or refuses it, by the same
 * rules as {@link RequestHeads} and by those that only HTTP/2 has (RFC 9113 §8.2, §8.3; RFC 8441
 * §4). A request that passes could not be read in another way once it is written in HTTP/1.1.
 */
public final class Http2RequestHeads {
    /** Fields of a connection, which HTTP/2 does not have (RFC 9113 §8.2.2). */
    private static final Set<String> OF_A_CONNECTION =
            Set.of(
                    "connection",
                    "keep-alive",
                    "proxy-connection",
                    "transfer-encoding",
                    "upgrade",
                    "http2-settings");

    /** What a name and its value cost besides themselves, written in HTTP/1.1. */
    private static final int FIELD_OVERHEAD = 4;

    private Http2RequestHeads() {}

    /**
     * Reads one head.
     *
     * @param list every field in the order it came, pseudo-header fields too, nothing changed
     * @param complete whether the stream ends with it
     * @param bytesMax of names and values, counted as HTTP/1.1 would write them
     * @param fieldsMax how many fields it may have, without pseudo-header fields
     */
    public static ParsedRequest parse(
            List<Field> list, boolean complete, int bytesMax, int fieldsMax) {
        var pseudo = new PseudoFields();
        var fields = new ArrayList<Field>(list.size());
        var why = pseudo.split(list, fields);
        if (fields.size() > fieldsMax || bytes(list) > bytesMax) {
            return new Refusal(431, Reason.HEAD_TOO_LARGE);
        }
        if (why == null) {
            why = problem(fields);
        }
        return why == null ? assemble(pseudo, fields, complete) : Refusal.bad(why);
    }

    /** Why a trailer section is refused, or null. What stands in it is dropped in any case. */
    public static @Nullable Reason trailerProblem(List<Field> list, int bytesMax, int fieldsMax) {
        if (list.size() > fieldsMax || bytes(list) > bytesMax) {
            return Reason.HEAD_TOO_LARGE;
        }
        return problem(list); // A pseudo-header field has no right name here (RFC 9113 §8.1).
    }

    private static int bytes(List<Field> list) {
        int bytes = 0;
        for (int i = 0; i < list.size(); i++) {
            bytes += list.get(i).name().length() + list.get(i).value().length() + FIELD_OVERHEAD;
        }
        return bytes;
    }

    private static @Nullable Reason problem(List<Field> fields) {
        for (int i = 0; i < fields.size(); i++) {
            var field = fields.get(i);
            if (!HeadSyntax.isLowerCaseToken(field.name())) {
                return Reason.FIELD_NAME_MALFORMED;
            }
            boolean right =
                    HeadSyntax.isFieldValue(field.value())
                            && (!field.name().equals("te") || field.value().equals("trailers"));
            if (!right) {
                return Reason.FIELD_VALUE_MALFORMED;
            }
            if (OF_A_CONNECTION.contains(field.name())) {
                return field.name().equals("transfer-encoding")
                        ? Reason.FRAMING_AMBIGUOUS
                        : Reason.UPGRADE_UNSUPPORTED;
            }
        }
        return null;
    }

    private static ParsedRequest assemble(
            PseudoFields pseudo, List<Field> fields, boolean complete) {
        var path = pseudo.path();
        if (!"https".equals(pseudo.scheme()) || path == null) {
            return Refusal.bad(Reason.HEAD_MALFORMED);
        }
        var protocol = pseudo.protocol();
        boolean connect = "CONNECT".equals(pseudo.method());
        if (protocol != null && !(connect && protocol.equals("websocket"))) {
            return Refusal.bad(Reason.UPGRADE_UNSUPPORTED);
        }
        // An extended CONNECT is what a GET with an upgrade is in HTTP/1.1 (RFC 8441 §5).
        var method = protocol != null ? Method.GET : Method.of(pseudo.methodOrEmpty());
        if (method == null) {
            return Refusal.bad(Reason.METHOD_UNKNOWN);
        }
        var target = Targets.parse(path);
        if (target == null) {
            return Refusal.bad(Reason.TARGET_NOT_CANONICAL);
        }
        var repeated = RepeatedFields.problem(fields);
        if (repeated != null) {
            return Refusal.bad(repeated);
        }
        var host = RequestHeads.single(fields, "host");
        var authority = pseudo.authority() == null ? host : pseudo.authority();
        if (authority == null || authority.isEmpty()) {
            return Refusal.bad(Reason.HOST_MISSING);
        }
        if (host != null && !host.equals(authority)) {
            return Refusal.bad(Reason.HEAD_MALFORMED); // Two names for one host (RFC 9113 §8.3.1).
        }
        return framed(method, target, authority, fields, complete, protocol != null);
    }

    private static ParsedRequest framed(
            Method method,
            Target target,
            String authority,
            List<Field> fields,
            boolean complete,
            boolean webSocket) {
        var framing = Framing.ofEither(fields);
        if (framing instanceof Framing.Refused(var status, var reason)) {
            return new Refusal(status, reason);
        }
        long announced = framing instanceof Framing.Length(var bytes) ? bytes : -1;
        if (complete && announced > 0) {
            return Refusal.bad(Reason.FRAMING_AMBIGUOUS); // RFC 9113 §8.1.1.
        }
        long open = announced < 0 ? RequestHead.UNKNOWN_LENGTH : announced;
        if (!webSocket) {
            return RequestHeads.finish(
                    RequestHead.Protocol.HTTP_2,
                    method,
                    target,
                    authority,
                    fields,
                    List.of(),
                    complete ? 0 : open,
                    null);
        }
        var upgrade = Upgrades.extendedConnect(fields, announced >= 0 || complete);
        return switch (upgrade) {
            case Upgrades.WebSocket(var request) ->
                    RequestHeads.finish(
                            RequestHead.Protocol.HTTP_2,
                            method,
                            target,
                            authority,
                            fields,
                            List.of(),
                            0,
                            request);
            case Upgrades.Refused(var reason) -> Refusal.bad(reason);
            case Upgrades.None _ -> Refusal.bad(Reason.UPGRADE_MALFORMED);
        };
    }
}
