package dev.portcullis.http;

import org.jspecify.annotations.Nullable;

/**
 * One request as every stage behind the codec sees it, whatever protocol it came by. A head that
 * exists has passed the gate on its bytes: its framing is unambiguous and its target canonical.
 *
 * @param protocol {@code h1} or {@code h2}
 * @param method GET for a WebSocket request over HTTP/2 too
 * @param authority the one Host or {@code :authority}, as sent
 * @param fields every field but the framing ones ({@code host}, {@code content-length}, {@code
 *     transfer-encoding}, {@code expect}, {@code connection}, {@code upgrade}) and those that
 *     {@code connection} named
 * @param bodyLength bytes of body to come; 0 for none, {@link #UNKNOWN_LENGTH} if only its end will
 *     tell
 * @param expectsContinue whether the client waits for a 100 before it sends the body
 * @param webSocket what it asks to open, or null for plain HTTP
 * @param closeAfter whether the client will not use the connection again
 */
public record RequestHead(
        Protocol protocol,
        Method method,
        Target target,
        String authority,
        Fields fields,
        long bodyLength,
        boolean expectsContinue,
        @Nullable WebSocketRequest webSocket,
        boolean closeAfter)
        implements ParsedRequest {
    /** The body is chunked, or a stream: its length is known at its end. */
    public static final long UNKNOWN_LENGTH = -1;

    private static final WebSocketRequest OPEN_SOCKET = new WebSocketRequest(null, null);

    /** The protocols spoken downstream. */
    public enum Protocol {
        HTTP_1_1,
        HTTP_2
    }

    /**
     * What an open WebSocket is judged by when the rules change. What was relayed or proved who
     * asks is left out: it would be kept for as long as the socket is open.
     */
    public RequestHead ofOpenSocket() {
        var place = new Target(target.path(), null);
        var judged = fields.only(name -> name.equals("origin") || name.startsWith("sec-fetch-"));
        return new RequestHead(
                protocol, method, place, authority, judged, 0, false, OPEN_SOCKET, false);
    }

    /** Whether a body, even an empty chunked one, follows. */
    public boolean hasBody() {
        return bodyLength != 0;
    }

    /** Whether this asks to open a WebSocket. */
    public boolean isWebSocket() {
        return webSocket != null;
    }

    /**
     * Whether a person's browser asks for a page: {@code Sec-Fetch-Mode: navigate}, or without
     * Fetch Metadata a GET whose {@code Accept} names {@code text/html}.
     */
    public boolean isNavigation() {
        if (isWebSocket()
                || (method != Method.GET && method != Method.HEAD && method != Method.POST)) {
            return false;
        }
        var mode = fields.first("sec-fetch-mode");
        if (mode != null) {
            return mode.equals("navigate");
        }
        return method == Method.GET && acceptsHtml();
    }

    /** Whether a browser asks for a piece of a page, as any page may make it do. */
    public boolean isSubresource() {
        var mode = fields.first("sec-fetch-mode");
        return mode != null && !mode.equals("navigate");
    }

    /** Whether the answer may be a page. */
    public boolean acceptsHtml() {
        var accept = fields.first("accept");
        return accept != null && accept.contains("text/html");
    }
}
