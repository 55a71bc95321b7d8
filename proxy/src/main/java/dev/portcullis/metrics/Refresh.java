package dev.portcullis.metrics;

/** How a session's refresh at the identity provider came out. */
public enum Refresh {
    DONE("done"),
    /** The provider said no: the session ended. */
    REFUSED("refused"),
    /** Nobody could say anything: tried again later. */
    PUT_OFF("put-off");

    private final String label;

    Refresh(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }
}
