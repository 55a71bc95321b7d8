package dev.portcullis.http;

/** Whether the frames of one direction are masked (RFC 6455 §5.1). */
public enum Masking {
    /** From a client, towards the Gateway: always. */
    MASKED,
    /** From a server, towards a client: never. */
    UNMASKED
}
