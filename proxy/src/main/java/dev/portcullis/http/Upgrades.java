package dev.portcullis.http;

import dev.portcullis.audit.Reason;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a request wants to turn its connection into. Only a WebSocket will do: a GET without a
 * body, with one key and version 13 (RFC 6455 §4.1). A request for anything else, h2c included, is
 * refused and not ignored: whoever sends it hopes that somebody behind us does not ignore it.
 */
final class Upgrades {
    private Upgrades() {}

    /** What is asked for. */
    sealed interface Result {}

    /** Nothing: plain HTTP. */
    record None() implements Result {}

    /** A WebSocket. */
    record WebSocket(WebSocketRequest request) implements Result {}

    /** Something we do not do, or a WebSocket asked for wrongly. */
    record Refused(Reason reason) implements Result {}

    private static final None NONE = new None();

    static Result requested(
            Method method, List<Field> fields, List<String> connection, long bodyLength) {
        String upgrade = null;
        String key = null;
        String version = null;
        String protocols = null;
        for (int i = 0; i < fields.size(); i++) {
            var field = fields.get(i);
            switch (field.name()) {
                case "upgrade" -> upgrade = field.value();
                case "sec-websocket-key" -> key = field.value();
                case "sec-websocket-version" -> version = field.value();
                case "sec-websocket-protocol" -> protocols = field.value();
                case "http2-settings" -> {
                    return new Refused(Reason.UPGRADE_UNSUPPORTED);
                }
                default -> {}
            }
        }
        if (upgrade == null) {
            return NONE;
        }
        if (!upgrade.equalsIgnoreCase("websocket")) {
            return new Refused(Reason.UPGRADE_UNSUPPORTED);
        }
        boolean right =
                method == Method.GET
                        && bodyLength == 0
                        && connection.contains("upgrade")
                        && WebSocketHandshake.VERSION.equals(version)
                        && key != null
                        && WebSocketHandshake.isKey(key)
                        && areProtocols(protocols);
        return right
                ? new WebSocket(new WebSocketRequest(key, protocols))
                : new Refused(Reason.UPGRADE_MALFORMED);
    }

    /**
     * The same over HTTP/2, which has neither key nor {@code Upgrade} (RFC 8441 §5).
     *
     * @param framed whether the head says how long the body is, or that there is none
     */
    static Result extendedConnect(List<Field> fields, boolean framed) {
        var version = RequestHeads.single(fields, "sec-websocket-version");
        var protocols = RequestHeads.single(fields, "sec-websocket-protocol");
        boolean right =
                !framed && WebSocketHandshake.VERSION.equals(version) && areProtocols(protocols);
        return right
                ? new WebSocket(new WebSocketRequest(null, protocols))
                : new Refused(Reason.UPGRADE_MALFORMED);
    }

    /** None, or names that are all different (RFC 6455 §4.1). */
    private static boolean areProtocols(@Nullable String protocols) {
        if (protocols == null) {
            return true;
        }
        var name = "sec-websocket-protocol";
        var different = new HashSet<String>();
        return HeadSyntax.tokens(List.of(new Field(name, protocols)), name) != null
                && Stream.of(protocols.split(",", -1)).map(String::strip).allMatch(different::add);
    }
}
