package dev.portcullis.http;

/**
 * The head of an answer, before it is written in the client's protocol.
 *
 * @param status 200 to 599, or 101 for an accepted WebSocket
 * @param fields end-to-end fields only; framing is written by the codec from {@code bodyLength}
 * @param bodyLength bytes to come, 0 for none, {@link RequestHead#UNKNOWN_LENGTH} until the end.
 *     For an answer to HEAD and for 304 this is what the field says, and no body follows
 */
public record ResponseHead(int status, Fields fields, long bodyLength) {
    /** The answer that turns a connection into a WebSocket. */
    public static final int SWITCHING_PROTOCOLS = 101;
}
