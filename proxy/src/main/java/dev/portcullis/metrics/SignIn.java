package dev.portcullis.metrics;

/** How a sign-in came out. */
public enum SignIn {
    STARTED("started"),
    DONE("done"),
    /** Refused by the provider, by us, or by the allow-list. */
    FAILED("failed");

    private final String label;

    SignIn(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }
}
