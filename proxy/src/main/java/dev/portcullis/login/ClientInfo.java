package dev.portcullis.login;

/**
 * What a page or a sign-in needs to know of the client beyond its request.
 *
 * @param requestId shown on every page, so that a person can name it to an operator
 * @param remote address and port as the socket has it, for the audit
 */
public record ClientInfo(String requestId, String remote) {
    /** The address without its port, for operators. */
    String address() {
        int colon = remote.lastIndexOf(':');
        return colon < 0 ? remote : remote.substring(0, colon);
    }
}
