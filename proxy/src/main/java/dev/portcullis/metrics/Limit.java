package dev.portcullis.metrics;

import java.util.Locale;

/**
 * Every bound there is, by the name of its key: each has its configured value and a count of how
 * often it was reached as a metric. A test keeps this list equal to the {@code limits} block.
 */
public enum Limit {
    HEAD,
    FIELDS,
    BODY,
    HEAD_TIME,
    BODY_IDLE,
    BODY_RATE,
    ANSWER_TIME,
    ANSWER_IDLE,
    KEEP_ALIVE,
    HANDSHAKE_TIME,
    CLIENT_HELLO,
    HANDSHAKES,
    UNPROVEN_TIME,
    CONNECTIONS,
    CONNECTIONS_PER_ADDRESS,
    HTTP2_STREAMS,
    HTTP2_WINDOW,
    HTTP2_CONNECTION_WINDOW,
    HTTP2_RESETS,
    HTTP2_CONTROL_FRAMES,
    REQUESTS_PER_USER,
    SOCKETS_PER_USER,
    SOCKET_IDLE,
    SOCKET_PONG_TIME,
    SOCKET_BUFFER,
    MEMORY,
    GATEWAY_CONNECT_TIME,
    GATEWAY_CONNECTIONS,
    SESSIONS,
    SIGN_INS,
    SIGN_IN_TIME,
    REMEMBERED_IDS,
    STORE_TIME,
    STORE_GRACE,
    AUDIT_QUEUE,
    PROVIDER_TIME,
    PROVIDER_ANSWER,
    REFRESH_GRACE,
    DRAIN_JITTER,
    DRAIN_GRACE,
    /** {@code rate-limits.address.rate}, requests per second. */
    RATE_ADDRESS,
    /** {@code rate-limits.address.burst}, requests. */
    RATE_ADDRESS_BURST,
    /** {@code rate-limits.user.rate}, requests per second. */
    RATE_USER,
    /** {@code rate-limits.user.burst}, requests. */
    RATE_USER_BURST,
    /** {@code rate-limits.sign-in.rate}, sign-ins per second. */
    RATE_SIGN_IN,
    /** {@code rate-limits.sign-in.burst}, sign-ins. */
    RATE_SIGN_IN_BURST,
    /** {@code rate-limits.tokens.failures}. */
    RATE_TOKENS,
    /** {@code rate-limits.messages.rate}, per second and WebSocket. */
    RATE_MESSAGES,
    /** {@code rate-limits.messages.burst}. */
    RATE_MESSAGES_BURST,
    /** {@code rate-limits.bytes.rate}, per second and WebSocket. */
    RATE_BYTES,
    /** {@code rate-limits.bytes.burst}. */
    RATE_BYTES_BURST;

    private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** The name in metrics, such as {@code head-time}. */
    public String label() {
        return label;
    }
}
