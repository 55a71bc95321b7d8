package dev.portcullis.upstream;

import static dev.portcullis.http.HeadText.addField;
import static dev.portcullis.http.HeadText.ascii;

import dev.portcullis.config.GatewayConfig;
import dev.portcullis.config.PublicOrigin;
import dev.portcullis.http.Cookies;
import dev.portcullis.http.Fields;
import dev.portcullis.http.HeadText;
import dev.portcullis.http.RelayedFields;
import dev.portcullis.http.RequestHead;
import dev.portcullis.runtime.Latin1Buffer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Writes the head that the Gateway sees: the client's fields by allow-list, then ours. Written from
 * values that were checked when they were read; hop-by-hop fields are gone already, so that nothing
 * a client says can remove what stands here.
 */
final class GatewayHead {
    private static final byte[] HTTP_1_1 = ascii(" HTTP/1.1\r\n");

    private final byte[] constantFields;
    private final String userHeader;
    private final int bytesMax;

    /**
     * @param bytesMax what the Gateway accepts, in bytes
     */
    GatewayHead(GatewayConfig gateway, PublicOrigin origin, int bytesMax) {
        this.constantFields =
                ascii(
                        "host: "
                                + origin.authority()
                                + "\r\nx-forwarded-proto: https\r\nx-forwarded-host: "
                                + origin.authority()
                                + "\r\n");
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
        var text = HeadText.begin();
        text.add(head.method().name()).add(' ').add(head.target().full()).add(HTTP_1_1);
        text.add(constantFields);
        addRelayed(text, head.fields());
        addField(text, "x-forwarded-for", admitted.forwardedFor());
        var user = admitted.permit().userAtGateway();
        if (user != null) {
            addField(text, userHeader, user.value());
        }
        addField(text, "x-openclaw-scopes", admitted.permit().scopesAtGateway());
        if (webSocketKey == null) {
            addFraming(text, head);
        } else {
            addUpgrade(text, head, webSocketKey);
        }
        HeadText.endLine(text);
        return text.length() > bytesMax ? null : text.toBuffer(allocator, 0);
    }

    private static void addRelayed(Latin1Buffer text, Fields fields) {
        String cookies = null;
        for (int i = 0; i < fields.size(); i++) {
            var field = fields.get(i);
            if (!RelayedFields.travels(field.name())) {
                continue;
            }
            if (!field.name().equals("cookie")) {
                addField(text, field.name(), field.value());
                continue;
            }
            var theirs = Cookies.withoutOurs(field.value());
            if (theirs != null) {
                // One field, whatever number came (RFC 6265 §5.4; RFC 9113 §8.2.3).
                cookies = cookies == null ? theirs : cookies + "; " + theirs;
            }
        }
        if (cookies != null) {
            addField(text, "cookie", cookies);
        }
    }

    private static void addFraming(Latin1Buffer text, RequestHead head) {
        if (head.bodyLength() == RequestHead.UNKNOWN_LENGTH) {
            addField(text, "transfer-encoding", "chunked");
        } else if (head.bodyLength() > 0 || !head.method().isIdempotent()) {
            addField(text, "content-length", Long.toString(head.bodyLength()));
        }
    }

    private static void addUpgrade(Latin1Buffer text, RequestHead head, String key) {
        addField(text, "connection", "Upgrade");
        addField(text, "upgrade", "websocket");
        addField(text, "sec-websocket-version", "13");
        addField(text, "sec-websocket-key", key);
        var request = head.webSocket();
        if (request != null && request.protocols() != null) {
            addField(text, "sec-websocket-protocol", request.protocols());
        }
    }
}
