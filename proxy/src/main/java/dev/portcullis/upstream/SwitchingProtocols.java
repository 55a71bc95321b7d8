package dev.portcullis.upstream;

import dev.portcullis.http.Field;
import dev.portcullis.http.Fields;
import dev.portcullis.http.GatewayAnswer;
import dev.portcullis.http.RequestHead;
import dev.portcullis.http.ResponseHead;
import dev.portcullis.http.WebSocketHandshake;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Believes a 101 only if every part of it is right (RFC 6455 §4.1, client side): a tunnel through a
 * half-meant one would carry a second request past the gate.
 */
final class SwitchingProtocols {
    private SwitchingProtocols() {}

    /** Our own 101 to the client, or null if the Gateway's is not to be believed. */
    static @Nullable ResponseHead verified(
            GatewayAnswer.Head head, String ourKey, RequestHead request) {
        var fields = head.fields();
        var accept = fields.all("sec-websocket-accept");
        var protocol = fields.all("sec-websocket-protocol");
        boolean right =
                head.upgrade().equals(List.of("websocket"))
                        && accept.equals(List.of(WebSocketHandshake.accept(ourKey)))
                        && !fields.has("sec-websocket-extensions")
                        && isOffered(protocol, request);
        return right ? answer(protocol, request) : null;
    }

    private static boolean isOffered(List<String> chosen, RequestHead request) {
        if (chosen.isEmpty()) {
            return true;
        }
        var offered = Objects.requireNonNull(request.webSocket()).protocols();
        return chosen.size() == 1
                && offered != null
                && Arrays.asList(offered.split("\\s*,\\s*")).contains(chosen.getFirst());
    }

    private static ResponseHead answer(List<String> protocol, RequestHead request) {
        var fields = new ArrayList<Field>(2);
        var key = Objects.requireNonNull(request.webSocket()).key();
        if (key != null) {
            fields.add(new Field("sec-websocket-accept", WebSocketHandshake.accept(key)));
        }
        if (!protocol.isEmpty()) {
            fields.add(new Field("sec-websocket-protocol", protocol.getFirst()));
        }
        return new ResponseHead(ResponseHead.SWITCHING_PROTOCOLS, Fields.of(fields), 0);
    }
}
