package dev.portcullis.upstream;

import dev.portcullis.config.GatewayConfig;
import dev.portcullis.config.PublicOrigin;
import dev.portcullis.http.Cookies;
import dev.portcullis.http.Fields;
import dev.portcullis.http.RelayedFields;
import dev.portcullis.http.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes the head that the Gateway sees: the client's fields by allow-list, then ours. Written from
 * values that were checked when they were read; hop-by-hop fields are gone already, so that nothing
 * a client says can remove what stands here.
 */
final class GatewayHead {
    private final String constantFields;
    private final String userHeader;
    private final int bytesMax;

    /**
     * @param bytesMax what the Gateway accepts, in bytes
     */
    GatewayHead(GatewayConfig gateway, PublicOrigin origin, int bytesMax) {
        this.constantFields =
                "host: "
                        + origin.authority()
                        + "\r\nx-forwarded-proto: https\r\nx-forwarded-host: "
                        + origin.authority()
                        + "\r\n";
        this.userHeader = gateway.userHeader().expose();
        this.bytesMax = bytesMax;
    }

    /**
     * The head's bytes, the caller's to release.
     *
     * @param webSocketKey our own key if the request opens a WebSocket, else null
     * @return null if the head would be longer than the Gateway accepts
     */
    @Nullable ByteBuf write(
            ByteBufAllocator allocator, Admitted admitted, @Nullable String webSocketKey) {
        var head = admitted.head();
        var text = new StringBuilder(1024);
        text.append(head.method()).append(' ').append(head.target().full()).append(" HTTP/1.1\r\n");
        text.append(constantFields);
        appendRelayed(text, head.fields());
        append(text, "x-forwarded-for", admitted.forwardedFor());
        var user = admitted.permit().userAtGateway();
        if (user != null) {
            append(text, userHeader, user.value());
        }
        append(text, "x-openclaw-scopes", admitted.permit().scopesAtGateway());
        if (webSocketKey == null) {
            appendFraming(text, head);
        } else {
            appendUpgrade(text, head, webSocketKey);
        }
        text.append("\r\n");
        if (text.length() > bytesMax) {
            return null;
        }
        // As one block: a character at a time costs more than the rest of the head.
        var bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
        return allocator.buffer(bytes.length).writeBytes(bytes);
    }

    private static void appendRelayed(StringBuilder text, Fields fields) {
        StringBuilder cookies = null;
        for (int i = 0; i < fields.size(); i++) {
            var field = fields.get(i);
            if (!RelayedFields.travels(field.name())) {
                continue;
            }
            if (!field.name().equals("cookie")) {
                append(text, field.name(), field.value());
                continue;
            }
            var theirs = Cookies.withoutOurs(field.value());
            if (theirs != null) {
                // One field, whatever number came (RFC 6265 §5.4; RFC 9113 §8.2.3).
                cookies = cookies == null ? new StringBuilder() : cookies.append("; ");
                cookies.append(theirs);
            }
        }
        if (cookies != null) {
            append(text, "cookie", cookies.toString());
        }
    }

    private static void appendFraming(StringBuilder text, RequestHead head) {
        if (head.bodyLength() == RequestHead.UNKNOWN_LENGTH) {
            append(text, "transfer-encoding", "chunked");
        } else if (head.bodyLength() > 0 || !head.method().isIdempotent()) {
            append(text, "content-length", Long.toString(head.bodyLength()));
        }
    }

    private static void appendUpgrade(StringBuilder text, RequestHead head, String key) {
        append(text, "connection", "Upgrade");
        append(text, "upgrade", "websocket");
        append(text, "sec-websocket-version", "13");
        append(text, "sec-websocket-key", key);
        var request = head.webSocket();
        if (request != null && request.protocols() != null) {
            append(text, "sec-websocket-protocol", request.protocols());
        }
    }

    private static void append(StringBuilder text, String name, String value) {
        text.append(name).append(": ").append(value).append("\r\n");
    }
}
