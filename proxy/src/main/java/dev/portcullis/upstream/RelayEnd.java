package dev.portcullis.upstream;

import dev.portcullis.audit.Reason;

/**
 * A user event for the relay: whatever is under way ends now. A WebSocket gets a close frame that
 * fits the reason and closes; an HTTP exchange is cut on the Gateway's side, and whoever sent this
 * answers the client.
 */
public record RelayEnd(Reason reason) {}
