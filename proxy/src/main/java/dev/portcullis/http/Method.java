package dev.portcullis.http;

import org.jspecify.annotations.Nullable;

/** The methods that may pass. Everything else, TRACE and CONNECT included, is refused unread. */
public enum Method {
    GET,
    HEAD,
    POST,
    PUT,
    PATCH,
    DELETE,
    OPTIONS;

    /** The method of exactly that spelling, or null: methods are case-sensitive (RFC 9110 §9.1). */
    public static @Nullable Method of(String token) {
        return switch (token) {
            case "GET" -> GET;
            case "HEAD" -> HEAD;
            case "POST" -> POST;
            case "PUT" -> PUT;
            case "PATCH" -> PATCH;
            case "DELETE" -> DELETE;
            case "OPTIONS" -> OPTIONS;
            default -> null;
        };
    }

    /** Whether a second try cannot change more than the first (RFC 9110 §9.2.2). */
    public boolean isIdempotent() {
        return this != POST && this != PATCH;
    }
}
