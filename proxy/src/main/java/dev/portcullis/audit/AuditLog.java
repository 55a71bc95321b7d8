package dev.portcullis.audit;

/** Where decisions are written down before they take effect. Any thread. */
public interface AuditLog {
    /**
     * Takes an event into the bounded queue. Never blocks.
     *
     * @return false if the queue is full or the writer is dead: then nothing may be forwarded and
     *     the answer is 503 with {@link Reason#AUDIT_UNAVAILABLE}
     */
    boolean accept(AuditEvent event);
}
