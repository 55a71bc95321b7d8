package dev.portcullis.config;

/**
 * The one origin people use, and so the only Host, Origin and redirect target there is.
 *
 * @param host lower-case ASCII host name or IP literal, without a trailing dot; IPv6 in brackets
 * @param port 1 to 65535; 443 is left out where it is written
 */
public record PublicOrigin(String host, int port) {
    private static final int HTTPS = 443;

    /** As in an {@code Origin} header: {@code https://claw.example.com}. */
    public String origin() {
        return "https://" + authority();
    }

    /** As in a {@code Host} header: {@code claw.example.com}, with the port unless it is 443. */
    public String authority() {
        return port == HTTPS ? host : host + ":" + port;
    }
}
