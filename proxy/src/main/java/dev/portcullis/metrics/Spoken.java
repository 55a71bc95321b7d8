package dev.portcullis.metrics;

/** What a client spoke when its request was let pass. */
public enum Spoken {
    HTTP1("h1", "request"),
    HTTP1_SOCKET("h1", "websocket"),
    HTTP2("h2", "request"),
    HTTP2_SOCKET("h2", "websocket");

    private final String protocol;
    private final String kind;

    Spoken(String protocol, String kind) {
        this.protocol = protocol;
        this.kind = kind;
    }

    String protocol() {
        return protocol;
    }

    String kind() {
        return kind;
    }
}
