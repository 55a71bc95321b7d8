package dev.portcullis.edge;

/** What the gate tells the codec beside an answer. */
enum AnswerSignal {
    /** The decision is made, the body is wanted: 100 (RFC 9110 §10.1.1). */
    CONTINUE,
    /** The answer to come is one of our own. */
    OURS,
    /** The answer under way, or to come, is the connection's last. */
    LAST
}
