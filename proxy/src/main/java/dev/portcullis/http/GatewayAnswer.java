package dev.portcullis.http;

import dev.portcullis.audit.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Turns the bytes of the Gateway's answer head into one clear answer, as strictly as a request (RFC
 * 9112 §4, §6.3). Anything ambiguous becomes our 502.
 */
public sealed interface GatewayAnswer {
    /**
     * An answer.
     *
     * @param status 100 to 599
     * @param fields end-to-end fields
     * @param framing how long the body is, were there one
     * @param length bytes if {@code framing} is {@code LENGTH}
     * @param closes whether the Gateway will close the connection after it
     * @param upgrade the lower-case tokens of {@code Upgrade}, if {@code Connection} names it
     */
    record Head(
            int status,
            Fields fields,
            BodyFraming framing,
            long length,
            boolean closes,
            List<String> upgrade)
            implements GatewayAnswer {

        public Head {
            upgrade = List.copyOf(upgrade);
        }
    }

    /** Not one clear answer. */
    record Refused(Reason reason) implements GatewayAnswer {}

    /** How the end of the body is told. */
    enum BodyFraming {
        LENGTH,
        CHUNKED,
        UNTIL_CLOSE
    }

    /** How long a head of the Gateway may be, in bytes. Its own UI sends about 2 KiB of policy. */
    int HEAD_BYTES_MAX = 32 * 1024;

    /** How many fields the head of an answer may have. */
    int FIELDS_MAX = 128;

    /** Of the hop, not of the answer (RFC 9110 §7.6.1). */
    Set<String> HOP_BY_HOP =
            Set.of(
                    "connection",
                    "keep-alive",
                    "proxy-authenticate",
                    "proxy-authentication-info",
                    "proxy-connection",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "content-length",
                    "upgrade");

    /**
     * Reads one head.
     *
     * @param bytes starts with the status line; {@code length} bytes up to and with the empty line,
     *     every LF preceded by CR. Changed while reading
     */
    static GatewayAnswer parse(byte[] bytes, int length) {
        int lineEnd = HeadSyntax.indexOfCr(bytes, 0, length);
        int status = status(HeadSyntax.latin1(bytes, 0, Math.min(lineEnd, 13)));
        if (status < 0 || bytes[lineEnd + 1] != '\n') {
            return new Refused(Reason.GATEWAY_ANSWER_INVALID);
        }
        var fields = new ArrayList<Field>(24);
        if (HeadSyntax.readFields(bytes, lineEnd + 2, length, fields, FIELDS_MAX) != null) {
            return new Refused(Reason.GATEWAY_ANSWER_INVALID);
        }
        return assemble(status, fields);
    }

    private static GatewayAnswer assemble(int status, List<Field> fields) {
        var connection = HeadSyntax.tokens(fields, "connection");
        var framing = Framing.ofEither(fields);
        var upgrade = HeadSyntax.tokens(fields, "upgrade");
        if (connection == null || upgrade == null || framing instanceof Framing.Refused) {
            return new Refused(Reason.GATEWAY_ANSWER_INVALID);
        }
        long length = framing instanceof Framing.Length(var bytes) ? bytes : 0;
        var bodyFraming =
                framing == null
                        ? BodyFraming.UNTIL_CLOSE
                        : length == RequestHead.UNKNOWN_LENGTH
                                ? BodyFraming.CHUNKED
                                : BodyFraming.LENGTH;
        boolean upgrades = connection.contains("upgrade");
        return new Head(
                status,
                endToEnd(fields, connection),
                bodyFraming,
                length,
                connection.contains("close"),
                upgrades ? upgrade : List.of());
    }

    private static Fields endToEnd(List<Field> fields, List<String> connection) {
        var kept = new ArrayList<Field>(fields.size());
        for (int i = 0; i < fields.size(); i++) {
            var field = fields.get(i);
            if (!HOP_BY_HOP.contains(field.name()) && !connection.contains(field.name())) {
                kept.add(field);
            }
        }
        return Fields.owning(kept);
    }

    /** The status of {@code HTTP/1.1 200 …}, or -1 for any other line. */
    private static int status(String line) {
        boolean shaped =
                line.length() >= 12
                        && line.startsWith("HTTP/1.1 ")
                        && (line.length() == 12 || line.charAt(12) == ' ');
        if (!shaped) {
            return -1;
        }
        int status = 0;
        for (int i = 9; i < 12; i++) {
            char c = line.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            status = status * 10 + c - '0';
        }
        return status >= 100 && status <= 599 ? status : -1;
    }
}
