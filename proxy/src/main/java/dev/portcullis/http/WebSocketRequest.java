package dev.portcullis.http;

import org.jspecify.annotations.Nullable;

/**
 * A well-formed request to open a WebSocket, over either protocol.
 *
 * @param key the client's {@code Sec-WebSocket-Key}, 16 bytes in base64 (RFC 6455 §4.1); null over
 *     HTTP/2, which has none (RFC 8441 §5)
 * @param protocols the offered subprotocols as sent, or null
 */
public record WebSocketRequest(@Nullable String key, @Nullable String protocols) {}
