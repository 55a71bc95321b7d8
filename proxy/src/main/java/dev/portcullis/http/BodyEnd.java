package dev.portcullis.http;

/** Follows the last bytes of a body, or the head where there is none. */
public enum BodyEnd {
    END
}
