package dev.portcullis.metrics;

/** Which way bytes were relayed. */
public enum Direction {
    TO_GATEWAY("to-gateway"),
    TO_CLIENT("to-client");

    private final String label;

    Direction(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }
}
