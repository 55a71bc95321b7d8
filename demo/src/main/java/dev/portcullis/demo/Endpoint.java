package dev.portcullis.demo;

/** The addresses of the development identity provider. */
public enum Endpoint {
    DISCOVERY("/.well-known/openid-configuration"),
    KEYS("/keys"),
    AUTHORIZE("/authorize"),
    SIGN_IN("/sign-in"),
    TOKEN("/token"),
    USER_INFO("/user-info"),
    END_SESSION("/end-session");

    private final String path;

    Endpoint(String path) {
        this.path = path;
    }

    /** Below the issuer, with its slash. */
    public String path() {
        return path;
    }
}
