package dev.portcullis.bench.hostile;

/** What a connection of a hostile crowd does. */
enum Kind {
    /** A head of a byte a second, which is cut after 15 s. */
    SLOW_HEAD(true, 15),
    /** A ClientHello, which is answered, and then silence, which is cut after 10 s. */
    HALF_HANDSHAKE(true, 10),
    /** Half a ClientHello, and then silence, which is cut after 10 s. */
    HALF_HELLO(false, 10),
    /** Closed with a reset as soon as it is open. */
    RESET(false, 0),
    /** Requests that are refused, as fast as they are taken. */
    FLOOD(true, 0),
    /** A made-up token. */
    GUESS(true, 0);

    private final boolean shakesHands;
    private final int seconds;

    Kind(boolean shakesHands, int seconds) {
        this.shakesHands = shakesHands;
        this.seconds = seconds;
    }

    /** Whether it makes the proxy do its part of a handshake. */
    boolean shakesHands() {
        return shakesHands;
    }

    /** How long the proxy bears a hostile one, for which a harmless one stays as well. */
    int seconds() {
        return seconds;
    }
}
