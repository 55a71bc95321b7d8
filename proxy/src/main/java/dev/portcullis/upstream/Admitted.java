package dev.portcullis.upstream;

import dev.portcullis.http.RequestHead;
import dev.portcullis.policy.Permit;

/**
 * A request that may pass, on its way from the gate to the relay. Its body follows it.
 *
 * @param head what to relay
 * @param permit the proof that it may
 * @param forwardedFor the one client address for {@code X-Forwarded-For}
 * @param activity told, on the event loop and not more than once in a few seconds, that a person
 *     uses the WebSocket
 */
public record Admitted(RequestHead head, Permit permit, String forwardedFor, Runnable activity) {}
