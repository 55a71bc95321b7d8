package dev.portcullis.login;

import dev.portcullis.http.LocalResponse;
import dev.portcullis.http.RequestHead;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The routes that are answered here and never relayed: sign-in, sign-out and their pages. */
public final class OwnRoutes {
    /** What all but one of them begin with. */
    public static final String PREFIX = "/_portcullis/";

    private static final String METADATA = "/.well-known/oauth-protected-resource";

    private final Pages pages;

    /** For the composition root. */
    public OwnRoutes(Pages pages) {
        this.pages = pages;
    }

    /** Whether that path is ours, known or not: nothing below our prefix is ever relayed. */
    public static boolean owns(String path) {
        return path.startsWith(PREFIX)
                || path.equals("/_portcullis")
                || path.equals(METADATA)
                || path.startsWith(METADATA + "/");
    }

    /** How many bytes of body that path takes; more is 413. */
    public int bodyBytesMax(String path) {
        return 0;
    }

    /**
     * Answers one request to a path of ours. Any thread, never blocks.
     *
     * @param body whole, at most {@link #bodyBytesMax} bytes
     * @return never fails
     */
    public CompletionStage<LocalResponse> answer(RequestHead head, byte[] body, ClientInfo client) {
        return CompletableFuture.completedStage(
                pages.error(PageKind.NOT_FOUND, head, client.requestId()));
    }
}
